// What owners and admins look at and change for a team. Asked when a section is opened, and again after each change.

import type { Backend } from "@/backend/backend";
import type { AdminBackend } from "@/backend/admin";
import type { CannedReply } from "@/bindings/CannedReply";
import type { DeadLetter } from "@/bindings/DeadLetter";
import type { ImportReport } from "@/bindings/ImportReport";
import type { OptOuts } from "@/bindings/OptOuts";
import type { Label } from "@/bindings/Label";
import type { MemberAdded } from "@/bindings/MemberAdded";
import type { SendingChange } from "@/bindings/SendingChange";
import type { TeamMember } from "@/bindings/TeamMember";
import type { TwilioState } from "@/bindings/TwilioState";
import type { Webhooks } from "@/bindings/Webhooks";
import { failingFrom, type Failing } from "./failing";

export class Admin {
  members = $state.raw<readonly TeamMember[] | null>(null);
  /** Somebody who was just taken in, with the password that is shown once. */
  added = $state.raw<MemberAdded | null>(null);
  twilio = $state.raw<TwilioState | null>(null);
  webhooks = $state.raw<Webhooks | null>(null);
  replies = $state.raw<readonly CannedReply[] | null>(null);
  labels = $state.raw<readonly Label[] | null>(null);
  /** Who opted out, as far as was searched. */
  optOuts = $state.raw<OptOuts | null>(null);
  letters = $state.raw<readonly DeadLetter[] | null>(null);
  /** `undefined` until it is looked at; `null` for ever. */
  retention = $state.raw<number | null | undefined>(undefined);
  report = $state.raw<ImportReport | null>(null);
  /** Where the last export was put. */
  exported = $state.raw<string | null>(null);
  /** Why the last thing could not be done. */
  failure = $state.raw<Failing | null>(null);
  /** Whether the server is being asked for something that takes its time. */
  busy = $state(false);
  #backend: AdminBackend;
  #team: string;
  #searched = 0;

  constructor(backend: Backend, workspaceId: string) {
    this.#backend = backend.admin;
    this.#team = workspaceId;
  }

  loadMembers = () => this.#attempt(async () => (this.members = await this.#backend.members(this.#team)));

  addMember = (email: string, role: string) =>
    this.#attempt(async () => {
      this.added = await this.#backend.addMember(this.#team, email, role);
      this.members = await this.#backend.members(this.#team);
    });

  changeRole = (userId: string, role: string) =>
    this.#attempt(async () => {
      try {
        await this.#backend.changeRole(this.#team, userId, role);
      } finally {
        // Also after a refusal: what was chosen does not hold.
        this.members = await this.#backend.members(this.#team);
      }
    });

  allowDirect = (userId: string, allowed: boolean) =>
    this.#attempt(async () => {
      try {
        await this.#backend.allowDirect(this.#team, userId, allowed);
      } finally {
        this.members = await this.#backend.members(this.#team);
      }
    });

  removeMember = (userId: string) =>
    this.#attempt(async () => {
      await this.#backend.removeMember(this.#team, userId);
      this.members = await this.#backend.members(this.#team);
    });

  loadTwilio = () =>
    this.#attempt(async () => {
      this.twilio = await this.#backend.twilio(this.#team);
      if (this.twilio.isConfigured) this.webhooks = await this.#backend.webhooks(this.#team);
    });

  connectTwilio = (accountSid: string, authToken: string) =>
    this.#attempt(async () => {
      this.twilio = await this.#backend.connectTwilio(this.#team, accountSid, authToken);
      this.webhooks = await this.#backend.webhooks(this.#team);
    });

  pointWebhooks = () =>
    this.#attempt(async () => (this.webhooks = await this.#backend.pointWebhooks(this.#team)));

  changeSending = (change: SendingChange) =>
    this.#attempt(async () => {
      await this.#backend.changeSending(this.#team, change);
      this.twilio = await this.#backend.twilio(this.#team);
    });

  loadReplies = () => this.#attempt(async () => (this.replies = await this.#backend.replies(this.#team)));

  saveReply = (id: string | null, name: string, content: string) =>
    this.#attempt(async () => {
      await this.#backend.saveReply(this.#team, id, name, content);
      this.replies = await this.#backend.replies(this.#team);
    });

  deleteReply = (id: string) =>
    this.#attempt(async () => {
      await this.#backend.deleteReply(this.#team, id);
      this.replies = await this.#backend.replies(this.#team);
    });

  loadLabels = () => this.#attempt(async () => (this.labels = await this.#backend.labels(this.#team)));

  saveLabel = (id: string | null, name: string, color: string) =>
    this.#attempt(async () => {
      await this.#backend.saveLabel(this.#team, id, name, color);
      this.labels = await this.#backend.labels(this.#team);
    });

  deleteLabel = (id: string) =>
    this.#attempt(async () => {
      await this.#backend.deleteLabel(this.#team, id);
      this.labels = await this.#backend.labels(this.#team);
    });

  /** While somebody types, the answer to the newest question is shown. */
  loadOptOuts = (search: string) => {
    const asked = ++this.#searched;
    return this.#attempt(async () => {
      const found = await this.#backend.optOuts(this.#team, search);
      if (asked === this.#searched) this.optOuts = found;
    });
  };

  loadLetters = () => this.#attempt(async () => (this.letters = await this.#backend.deadLetters(this.#team)));

  takeLetter = (twilioSid: string) =>
    this.#attempt(async () => {
      await this.#backend.takeDeadLetter(this.#team, twilioSid);
      this.letters = await this.#backend.deadLetters(this.#team);
    });

  loadRetention = () =>
    this.#attempt(async () => (this.retention = await this.#backend.retention(this.#team)));

  setRetention = (days: number | null) =>
    this.#attempt(async () => {
      await this.#backend.setRetention(this.#team, days);
      this.retention = days;
    });

  importContacts = (file: Blob) =>
    this.#attempt(async () => (this.report = await this.#backend.importContacts(this.#team, file)));

  /** Makes a contact of one number, so that it can be texted. */
  addContact = (phone: string) =>
    this.importContacts(new Blob([`phone\n${phone.replaceAll(/[",\r\n]/gu, " ").trim()}\n`]));

  exportTeam = () => this.#attempt(async () => (this.exported = await this.#backend.exportTeam(this.#team)));

  /** Answers whether it was done. */
  async #attempt(what: () => Promise<unknown>): Promise<boolean> {
    this.failure = null;
    this.busy = true;
    try {
      await what();
      return true;
    } catch (thrown) {
      this.failure = failingFrom(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}

// What owners and admins see of the fake team. Changes hold for as long as the page is open; the server's refusals are spoken as it
// speaks them.

import type { CannedReply } from "@/bindings/CannedReply";
import type { DeadLetter } from "@/bindings/DeadLetter";
import type { ImportReport } from "@/bindings/ImportReport";
import type { Label } from "@/bindings/Label";
import type { OptOut } from "@/bindings/OptOut";
import type { OptOuts } from "@/bindings/OptOuts";
import type { MemberAdded } from "@/bindings/MemberAdded";
import type { SendingChange } from "@/bindings/SendingChange";
import type { TeamMember } from "@/bindings/TeamMember";
import type { TwilioState } from "@/bindings/TwilioState";
import type { Webhooks } from "@/bindings/Webhooks";
import type { AdminBackend } from "../admin";
import { CommandError } from "../errors";
import { consentsOf } from "./beside";
import type { Shelf } from "./shelf";
import { labels, ME, replies } from "./team";

const WEBHOOK = "https://desk.northside-bikes.example/twilio/webhook";
const NUMBERS = [
  { phoneNumber: "+15550100100", friendlyName: "Shop" },
  { phoneNumber: "+15550100200", friendlyName: "Workshop" },
];
const NEW_USER = "0a0a0a0a-0000-7000-8000-000000000001";

const refuse = (sentence: string) => Promise.reject(new CommandError("refused", sentence));

export class FakeAdmin implements AdminBackend {
  #members: TeamMember[] = [
    { userId: ME, email: "nora@northside-bikes.example", role: "owner", direct: false },
    {
      userId: "0a0a0a0a-0000-7000-8000-00000000000b",
      email: "ben@northside-bikes.example",
      role: "admin",
      direct: true,
    },
    {
      userId: "0a0a0a0a-0000-7000-8000-00000000000c",
      email: "ines@northside-bikes.example",
      role: "agent",
      direct: false,
    },
  ];
  #twilio: TwilioState;
  #pointed = false;
  #letters: DeadLetter[] = [
    {
      twilioSid: "SM00000000000000000000000000000001",
      from: "+15550199001",
      to: "+15550100900",
      body: "Hi, is this still the number of the bike shop?",
      receivedAt: "2026-03-12T08:15:00Z",
    },
  ];
  #days: number | null = null;
  #replies: readonly CannedReply[] = replies;
  #labels: readonly Label[] = labels;
  #made = 0;

  #shelf: Shelf;
  #onjoined: (phone: string) => void;

  /** `onjoined` makes a contact of a number. */
  constructor(isConnected: boolean, shelf: Shelf, onjoined: (phone: string) => void) {
    this.#shelf = shelf;
    this.#onjoined = onjoined;
    this.#twilio = isConnected
      ? this.#connected("AC00000000000000000000000000000007")
      : {
          accountSid: null,
          isConfigured: false,
          numbers: [],
          defaultNumber: null,
          messagingServiceSid: null,
        };
  }

  #connected(accountSid: string): TwilioState {
    return {
      accountSid,
      isConfigured: true,
      numbers: NUMBERS,
      defaultNumber: null,
      messagingServiceSid: null,
    };
  }

  /** Whether the team has an account to text with. */
  get isConnected(): boolean {
    return this.#twilio.isConfigured;
  }

  members(): Promise<TeamMember[]> {
    return Promise.resolve(this.#members);
  }

  addMember(_workspaceId: string, email: string, role: string): Promise<MemberAdded> {
    if (!/^[^\s@]+@[^\s@]+$/u.test(email)) return refuse("email must be an e-mail address");
    const known = this.#members.find((member) => member.email === email);
    const userId = known?.userId ?? NEW_USER;
    this.#members = [
      ...this.#members.filter((member) => member !== known),
      { userId, email, role, direct: known?.direct ?? false },
    ];
    return Promise.resolve({ userId, email, role, password: known ? null : "hkm4p-xw7rt-n3cqd-vy8ae" });
  }

  changeRole(_workspaceId: string, userId: string, role: string): Promise<void> {
    if (role !== "owner" && this.#isLastOwner(userId)) return this.#lastOwner();
    this.#members = this.#members.map((member) => (member.userId === userId ? { ...member, role } : member));
    return Promise.resolve();
  }

  removeMember(_workspaceId: string, userId: string): Promise<void> {
    if (this.#isLastOwner(userId)) return this.#lastOwner();
    this.#members = this.#members.filter((member) => member.userId !== userId);
    return Promise.resolve();
  }

  optOuts(_workspaceId: string, search: string): Promise<OptOuts> {
    const [words, digits] = [search.trim().toLowerCase(), search.replaceAll(/\D/gu, "")];
    const optOuts = this.#shelf.contacts
      .filter(({ optedOut }) => optedOut)
      .filter(
        ({ name, phone }) =>
          name.toLowerCase().includes(words) ||
          (digits !== "" && phone.replaceAll(/\D/gu, "").includes(digits)),
      )
      .map((contact): OptOut => {
        const last = consentsOf(contact).findLast(({ decision }) => decision === "opted_out");
        return {
          contactId: contact.contactId,
          name: contact.name,
          phone: contact.phone,
          since: last?.at ?? "2026-11-01T10:00:00Z",
          decidedBy: last?.decidedBy ?? null,
          userId: last?.userId ?? null,
          reason: last?.reason ?? null,
        };
      })
      .sort((a, b) => Date.parse(b.since) - Date.parse(a.since));
    return Promise.resolve({ optOuts, more: false });
  }

  #isLastOwner(userId: string): boolean {
    const owners = this.#members.filter(({ role }) => role === "owner");
    return owners.length === 1 && owners[0]?.userId === userId;
  }

  #lastOwner(): Promise<never> {
    return refuse("A workspace needs an owner. Make somebody else an owner first.");
  }

  allowDirect(_workspaceId: string, userId: string, direct: boolean): Promise<void> {
    this.#members = this.#members.map((member) =>
      member.userId === userId ? { ...member, direct } : member,
    );
    return Promise.resolve();
  }

  twilio(): Promise<TwilioState> {
    return Promise.resolve(this.#twilio);
  }

  connectTwilio(_workspaceId: string, accountSid: string, authToken: string): Promise<TwilioState> {
    if (authToken === "wrong") return refuse("Invalid Twilio credentials");
    this.#twilio = this.#connected(accountSid);
    return Promise.resolve(this.#twilio);
  }

  changeSending(_workspaceId: string, { defaultNumber, messagingServiceSid }: SendingChange): Promise<void> {
    const or = (wish: string | undefined, now: string | null) => (wish === undefined ? now : wish || null);
    this.#twilio = {
      ...this.#twilio,
      defaultNumber: or(defaultNumber, this.#twilio.defaultNumber),
      messagingServiceSid: or(messagingServiceSid, this.#twilio.messagingServiceSid),
    };
    return Promise.resolve();
  }

  webhooks(): Promise<Webhooks> {
    const told = this.#pointed ? `reports its texts to ${WEBHOOK}, as before` : "reports its texts to nobody";
    return Promise.resolve({
      webhookUrl: WEBHOOK,
      numbers: this.#twilio.numbers.map(({ phoneNumber }) => ({ phoneNumber, told })),
      problem: null,
    });
  }

  pointWebhooks(): Promise<Webhooks> {
    this.#pointed = true;
    return this.webhooks();
  }

  replies(): Promise<readonly CannedReply[]> {
    return Promise.resolve(this.#replies);
  }

  saveReply(_workspaceId: string, id: string | null, name: string, content: string): Promise<void> {
    this.#replies = this.#saved(this.#replies, { id: id ?? this.#id(), name, content });
    return Promise.resolve();
  }

  deleteReply(_workspaceId: string, id: string): Promise<void> {
    this.#replies = this.#replies.filter((reply) => reply.id !== id);
    return Promise.resolve();
  }

  labels(): Promise<readonly Label[]> {
    return Promise.resolve(this.#labels);
  }

  saveLabel(_workspaceId: string, id: string | null, name: string, color: string): Promise<void> {
    this.#labels = this.#saved(this.#labels, { id: id ?? this.#id(), name, color });
    return Promise.resolve();
  }

  deleteLabel(_workspaceId: string, id: string): Promise<void> {
    this.#labels = this.#labels.filter((label) => label.id !== id);
    return Promise.resolve();
  }

  #id(): string {
    this.#made += 1;
    return `0a0a0a0a-0000-7000-8000-${String(this.#made).padStart(12, "0")}`;
  }

  /** In the place of the one with its id, or at the end. */
  #saved<Thing extends { id: string }>(things: readonly Thing[], thing: Thing): readonly Thing[] {
    return things.some(({ id }) => id === thing.id)
      ? things.map((other) => (other.id === thing.id ? thing : other))
      : [...things, thing];
  }

  deadLetters(): Promise<DeadLetter[]> {
    return Promise.resolve(this.#letters);
  }

  takeDeadLetter(_workspaceId: string, twilioSid: string): Promise<void> {
    this.#letters = this.#letters.filter((letter) => letter.twilioSid !== twilioSid);
    return Promise.resolve();
  }

  retention(): Promise<number | null> {
    return Promise.resolve(this.#days);
  }

  setRetention(_workspaceId: string, days: number | null): Promise<void> {
    this.#days = days;
    return Promise.resolve();
  }

  async importContacts(_workspaceId: string, file: Blob): Promise<ImportReport> {
    const [header = "", ...rows] = (await file.text()).split(/\r?\n/u).filter((line) => line !== "");
    const place = header.split(",").indexOf("phone");
    if (place < 0) return refuse("The first line must name the columns, and one of them must be phone.");
    const wrong = rows.flatMap((row, at) => {
      const phone = (row.split(",")[place] ?? "").replaceAll(/[\s()-]/gu, "");
      if (/^\+\d{8,15}$/u.test(phone)) this.#onjoined(phone);
      return /^\+\d{8,15}$/u.test(phone) ? [] : [`line ${at + 2}: “${phone}” is not a phone number`];
    });
    return {
      created: rows.length - wrong.length,
      known: 0,
      duplicate: 0,
      invalid: wrong.length,
      problems: wrong,
    };
  }

  exportTeam(): Promise<string> {
    return Promise.resolve("/home/nora/Downloads/deskline-northside-bikes.jsonl");
  }
}

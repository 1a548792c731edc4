// The first start of an owner: from a server that cannot text to a team that does, one step after the other. What is done is asked of the
// server, so it can be left and taken up again; that a test text was sent, and that the agent wants no more of it, is this window's.

import type { Backend } from "@/backend/backend";
import type { ContactId } from "@/bindings/ContactId";
import type { Message } from "@/bindings/Message";
import type { WorkspaceId } from "@/bindings/WorkspaceId";
import { t } from "@/lib/words";
import { Admin } from "./admin.svelte";
import { newMessageId } from "@/lib/ids";
import { failingFrom, type Failing } from "./failing";
import type { PreferencesController } from "./preferences.svelte";

export const steps = ["connect", "numbers", "test", "invite"] as const;
export type Step = (typeof steps)[number];

export class Setup {
  readonly admin: Admin;
  readonly workspaceId: WorkspaceId;
  /** Whether it is on screen. */
  isOpen = $state(false);
  step = $state<Step>("connect");
  /** The test text, as far as it has come. */
  test = $state.raw<Message | null>(null);
  /** Why it could not be sent. */
  failure = $state.raw<Failing | null>(null);
  sending = $state(false);
  #backend: Backend;
  #preferences: PreferencesController;
  /** Whose number the test text goes to, until the contact is here. */
  #wanted: string | null = null;

  constructor(backend: Backend, workspaceId: WorkspaceId, preferences: PreferencesController) {
    this.#backend = backend;
    this.#preferences = preferences;
    this.workspaceId = workspaceId;
    this.admin = new Admin(backend, workspaceId);
  }

  /** Which steps are done. */
  get done(): ReadonlySet<Step> {
    const { twilio, webhooks, members } = this.admin;
    const done = new Set<Step>();
    if (twilio?.isConfigured === true) done.add("connect");
    const pointed = webhooks?.numbers.every(({ told }) => told.includes(webhooks.webhookUrl)) === true;
    if (pointed && webhooks.problem === null && webhooks.numbers.length > 0) done.add("numbers");
    if (this.#kept.tested) done.add("test");
    if ((members?.length ?? 0) > 1) done.add("invite");
    return done;
  }

  /** Whether there is something left that the owner was begun to be led through, and has not waved aside. */
  get isUnderWay(): boolean {
    return this.#kept.state === "begun" && this.done.size < steps.length;
  }

  get #kept() {
    return this.#preferences.value.setup[this.workspaceId] ?? { state: "unknown" as const, tested: false };
  }

  #keep(change: Partial<{ state: "begun" | "ended"; tested: boolean }>): void {
    const { setup } = this.#preferences.value;
    this.#preferences.set({ setup: { ...setup, [this.workspaceId]: { ...this.#kept, ...change } } });
  }

  /** Looks whether there is anything to do, and begins by itself for a team that has no account yet. */
  async look(): Promise<void> {
    if (this.#kept.state === "ended") return;
    await Promise.all([this.admin.loadTwilio(), this.admin.loadMembers()]);
    if (this.admin.twilio === null) return;
    const isNew = this.#kept.state === "unknown";
    // Whoever connected Twilio in another way needs no guide.
    if (isNew && this.admin.twilio.isConfigured) this.#keep({ state: "ended" });
    else if (isNew) {
      this.#keep({ state: "begun" });
      this.open();
    }
  }

  /** Goes on where it was left. */
  open(): void {
    this.step = steps.find((step) => !this.done.has(step)) ?? "invite";
    this.isOpen = true;
  }

  /** It can be taken up again. */
  leave(): void {
    this.isOpen = false;
  }

  /** And is not offered any more. */
  end(): void {
    this.isOpen = false;
    this.#keep({ state: "ended" });
  }

  /** Makes a contact of the owner's own number, and texts it. */
  async sendTest(phone: string): Promise<void> {
    this.failure = null;
    this.test = null;
    this.sending = true;
    this.#wanted = phone.trim();
    const taken = await this.admin.addContact(phone);
    const [problem] = this.admin.report?.problems ?? [];
    if (!taken || problem !== undefined) {
      this.failure =
        problem === undefined ? this.admin.failure : { code: "refused", sentence: problem, hint: "" };
      this.#wanted = null;
      this.sending = false;
      return;
    }
    await this.#sendIfHere();
  }

  /** The contact comes with the feed, a moment after the server has it. */
  async conversationsChanged(): Promise<void> {
    if (this.#wanted !== null) await this.#sendIfHere();
  }

  async messagesChanged(ids: readonly string[]): Promise<void> {
    const id = this.test?.id;
    if (id === undefined || !ids.includes(id)) return;
    this.test = await this.#backend.message(id).catch(() => this.test);
  }

  async #sendIfHere(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === null) return;
    const contactId = await this.#find(wanted);
    if (contactId === null || this.#wanted !== wanted) return;
    this.#wanted = null;
    try {
      const id = newMessageId(this.#backend.now());
      this.test = await this.#backend.sendMessage(contactId, t("setup.testText"), [], id);
      this.#keep({ tested: true });
    } catch (thrown) {
      this.failure = failingFrom(thrown);
    } finally {
      this.sending = false;
    }
  }

  async #find(phone: string): Promise<ContactId | null> {
    const digits = phone.replaceAll(/\D/gu, "");
    const query = { text: digits, workspaceId: this.workspaceId, utcOffset: 0, page: null, limit: 1 };
    const found = await this.#backend.search(query).catch(() => null);
    const contact = found?.contacts.find((one) => one.phone.text.replaceAll(/\D/gu, "") === digits);
    return contact?.contactId ?? null;
  }
}

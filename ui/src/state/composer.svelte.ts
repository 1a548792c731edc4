// The composer of one thread: what it costs to send what is written, whether it may be sent, and sending it.

import type { Backend } from "@/backend/backend";
import type { Claim } from "@/bindings/Claim";
import type { Message } from "@/bindings/Message";
import type { MessageId } from "@/bindings/MessageId";
import type { Segments } from "@/bindings/Segments";
import { makePlain } from "@/lib/plain";
import type { Drafts } from "./drafts.svelte";
import { failingFrom, type Failing } from "./failing";
import type { Thread } from "./thread.svelte";

/** Twilio takes no longer text (crates/domain/src/gate.rs). In characters, not in UTF-16 units. */
export const MAX_CHARACTERS = 1_600;

/** How often colleagues are told that the agent writes. */
const TELL_TYPING_MS = 1_000;

export class Composer {
  segments = $state.raw<Segments | null>(null);
  failure = $state.raw<Failing | null>(null);
  /** Who else is at it, if anybody is. */
  claim = $state.raw<Claim | null>(null);
  /** Whether the agent wanted to send all the same, and has not decided yet. */
  asks = $state(false);
  /** Since when. */
  askedAt = $state(0);
  #backend: Backend;
  #drafts: Drafts;
  #thread: Thread;
  #asked = 0;
  #claimAsked = 0;
  /** When colleagues were last told of a key; null while nothing is written. */
  #typedAt: number | null = null;

  constructor(backend: Backend, drafts: Drafts, thread: Thread) {
    this.#backend = backend;
    this.#drafts = drafts;
    this.#thread = thread;
  }

  get text(): string {
    return this.#drafts.textOf(this.#thread.contactId, this.#thread.conversation?.draft ?? null);
  }

  get characters(): number {
    return Array.from(this.text).length;
  }

  get tooLong(): boolean {
    return this.characters > MAX_CHARACTERS;
  }

  /** Why nothing can be written to this contact at all. */
  get lock(): "optedOut" | "noAddress" | null {
    const conversation = this.#thread.conversation;
    if (conversation?.optedOut === true) return "optedOut";
    return conversation?.canBeAnswered === false ? "noAddress" : null;
  }

  get canSend(): boolean {
    return this.text.trim() !== "" && !this.tooLong && this.lock === null;
  }

  write(text: string): void {
    this.failure = null;
    this.#drafts.write(this.#thread.contactId, text);
    this.#tellTyping(text.trim() === "");
    void this.measure();
  }

  /** Asks whether somebody else is at it; an answer to an older question is dropped. */
  async refreshClaim(): Promise<void> {
    const asked = ++this.#claimAsked;
    const claim = await this.#backend.claim(this.#thread.contactId).catch(() => null);
    if (asked !== this.#claimAsked) return;
    // Whoever has written nothing is in nobody's way.
    this.claim = this.text.trim() === "" ? null : claim;
    if (this.claim === null) this.asks = false;
  }

  /** The agent goes on writing instead of sending. */
  keep(): void {
    this.asks = false;
  }

  /** A text goes out, or is gone: the next one has to be asked about anew. */
  #forgetClaim(): void {
    this.#claimAsked += 1;
    this.claim = null;
    this.asks = false;
    this.#typedAt = null;
  }

  /** The first key is told at once, and then one a second. */
  #tellTyping(blank: boolean): void {
    const now = this.#backend.now();
    if (blank) {
      if (this.#typedAt === null) return;
      this.#forgetClaim();
    } else if (this.#typedAt !== null && now - this.#typedAt < TELL_TYPING_MS && now >= this.#typedAt) return;
    else this.#typedAt = now;
    void this.#backend
      .typing(this.#thread.contactId, blank)
      .then(() => this.refreshClaim())
      .catch(() => undefined);
  }

  /** Replaces what makes the text dear and has a plain sister. */
  writePlain(): void {
    this.write(makePlain(this.text));
  }

  /** Measures what is written now; an answer for an older text is dropped. */
  async measure(): Promise<void> {
    const asked = ++this.#asked;
    const segments = await this.#backend.measure(this.text).catch(() => null);
    if (asked === this.#asked) this.segments = segments;
  }

  /** Writes on at a text that never left. */
  async takeBack(id: MessageId): Promise<void> {
    const { contactId } = this.#thread;
    this.failure = null;
    try {
      await this.#drafts.takeBack(contactId, () => this.#backend.takeBack(id));
      void this.measure();
    } catch (thrown) {
      this.failure = failingFrom(thrown);
    }
    await this.#thread.refresh([id]);
  }

  /**
   * Sends what is written, unless somebody else is at it: then the agent is asked first, and says so with `despite`. A refused text
   * comes back into the composer, unless something new was begun.
   */
  async send(despite = false): Promise<Message | null> {
    if (!this.canSend) return null;
    if (this.claim !== null && !despite) {
      this.asks = true;
      this.askedAt = this.#backend.now();
      return null;
    }
    this.#forgetClaim();
    const { text } = this;
    const { contactId } = this.#thread;
    this.failure = null;
    try {
      const sending = this.#drafts.send(contactId, () => this.#backend.sendMessage(contactId, text));
      void this.measure();
      const message = await sending;
      this.#thread.wrote(message);
      return message;
    } catch (thrown) {
      if (this.text === "") this.write(text);
      this.failure = failingFrom(thrown);
      return null;
    }
  }
}

// The composer of one thread: what it costs to send what is written, what is attached to it, whether it may be sent, and sending it.

import { SvelteSet } from "svelte/reactivity";
import type { Backend } from "@/backend/backend";
import type { Attachment } from "@/bindings/Attachment";
import type { AttachmentId } from "@/bindings/AttachmentId";
import type { Claim } from "@/bindings/Claim";
import type { Later } from "@/bindings/Later";
import type { Message } from "@/bindings/Message";
import type { MessageId } from "@/bindings/MessageId";
import type { Outlook } from "@/bindings/Outlook";
import type { Refusal } from "@/bindings/Refusal";
import type { Segments } from "@/bindings/Segments";
import type { Drafts } from "./drafts.svelte";
import { newMessageId } from "@/lib/ids";
import { failingFrom, type Failing } from "./failing";
import type { Thread } from "./thread.svelte";

/** Twilio takes no longer text: the gate refuses it (crates/domain/src/gate.rs); here it is a figure to show. */
export const MAX_CHARACTERS = 1_600;

/** How often colleagues are told that the agent writes. */
const TELL_TYPING_MS = 1_000;
/** And no larger files. The engine says so; it needs no more of a file than shows that. */
const MAX_FILE_BYTES = 5 * 1024 * 1024;

export class Composer {
  /** What would become of `#lookedAt` if it was sent now; `null` before the first answer. */
  outlook = $state.raw<Outlook | null>(null);
  /** The text that it is about. */
  #lookedAt = $state("");
  failure = $state.raw<Failing | null>(null);
  /** Who else is at it, if anybody is. */
  claim = $state.raw<Claim | null>(null);
  /** Whether the agent wanted to send all the same, and has not decided yet. */
  asks = $state(false);
  /** Since when. */
  askedAt = $state(0);
  /** When the text that is asked about is to leave; null for now. */
  #askedLater: Later | null = null;
  /** Whether the field gets the focus as soon as it is there. */
  wantsFocus = $state(false);
  /** Files that are being taken in. */
  attaching = $state(0);
  /** Attached files that went with a text, or were taken away, before the conversation says so. */
  #gone = new SvelteSet<AttachmentId>();
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

  /** Whether a text for later is called off when the contact writes first. */
  get cancelOnReply(): boolean {
    return this.#drafts.replyOf(this.#thread.contactId, this.#thread.conversation).cancelOnReply;
  }

  set cancelOnReply(cancelOnReply: boolean) {
    this.#drafts.set(this.#thread.contactId, this.#thread.conversation, { cancelOnReply });
  }

  get characters(): number {
    return Array.from(this.text).length;
  }

  /** What it costs; `null` until that is known. */
  get segments(): Segments | null {
    return this.outlook?.segments ?? null;
  }

  /** Why the gate would refuse it; that nothing is written needs no words. */
  get refusal(): Exclude<Refusal, "empty"> | null {
    const refusal = this.outlook?.refusal ?? null;
    return refusal === "empty" ? null : refusal;
  }

  /** Why nothing can be written to this contact at all. */
  get lock(): "optedOut" | "noAddress" | "noNumber" | null {
    const conversation = this.#thread.conversation;
    if (conversation?.optedOut === true) return "optedOut";
    if (conversation?.canBeAnswered === false) return "noAddress";
    return this.outlook?.from.type === "nothing" ? "noNumber" : null;
  }

  /** What is attached to the draft, in order. */
  get attachments(): readonly Attachment[] {
    return (this.#thread.conversation?.attachments ?? []).filter(({ id }) => !this.#gone.has(id));
  }

  get canSend(): boolean {
    const something = this.text.trim() !== "" || this.attachments.length > 0;
    // What the window does not know yet, the engine asks the same gate.
    return something && this.attaching === 0 && this.refusal === null && this.lock === null;
  }

  attachmentUrl(id: AttachmentId): string {
    return this.#backend.attachmentUrl(id);
  }

  write(text: string): void {
    this.failure = null;
    this.#drafts.write(this.#thread.contactId, text);
    this.#tellTyping(text.trim() === "");
    void this.look();
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
    const plain = this.outlook?.plain ?? null;
    if (plain !== null && this.#lookedAt === this.text) this.write(plain);
  }

  /** Looks at what is written now; an answer for an older text is dropped. */
  async look(): Promise<void> {
    const asked = ++this.#asked;
    const { text } = this;
    const outlook = await this.#backend.outlook(this.#thread.contactId, text).catch(() => null);
    if (asked !== this.#asked) return;
    this.outlook = outlook;
    this.#lookedAt = text;
  }

  /** Writes on at a text that never left. */
  async takeBack(id: MessageId): Promise<void> {
    const { contactId } = this.#thread;
    this.failure = null;
    try {
      await this.#drafts.takeBack(contactId, () => this.#backend.takeBack(id));
      // Its files are the draft's again.
      this.#gone.clear();
      await this.#thread.refreshConversation();
      void this.look();
    } catch (thrown) {
      this.failure = failingFrom(thrown);
    }
    await this.#thread.refresh([id]);
  }

  /** Puts files to the draft, one after the other. The first that cannot be sent is told about. */
  async attach(files: Iterable<File>): Promise<void> {
    this.failure = null;
    for (const file of files) {
      const content = file.slice(0, MAX_FILE_BYTES + 1);
      await this.#take((contactId) =>
        this.#backend.attach(contactId, { name: file.name, type: file.type, content }),
      );
    }
  }

  /** Puts the picture on the system's clipboard to the draft, if there is one. */
  async attachClipboard(): Promise<void> {
    this.failure = null;
    await this.#take((contactId) => this.#backend.attachClipboard(contactId));
  }

  async #take(take: (contactId: string) => Promise<unknown>): Promise<void> {
    this.attaching += 1;
    try {
      await take(this.#thread.contactId);
      await this.#thread.refreshConversation();
      void this.look();
    } catch (thrown) {
      this.failure ??= failingFrom(thrown);
    } finally {
      this.attaching -= 1;
    }
  }

  async detach(id: AttachmentId): Promise<void> {
    this.failure = null;
    this.#gone.add(id);
    try {
      await this.#backend.detach(id);
      void this.look();
    } catch (thrown) {
      this.#gone.delete(id);
      this.failure = failingFrom(thrown);
    }
  }

  /**
   * Sends what is written, unless somebody else is at it: then the agent is asked first, and says so with `despite`. A refused text
   * comes back into the composer, unless something new was begun.
   */
  async send(despite = false): Promise<Message | null> {
    return this.#send(despite ? this.#askedLater : null, despite);
  }

  /** The same for a text that leaves at a moment. */
  async sendLater(at: number): Promise<Message | null> {
    const sendAt = new Date(at).toISOString();
    return this.#send({ sendAt, cancelOnReply: this.cancelOnReply }, false);
  }

  async #send(later: Later | null, despite: boolean): Promise<Message | null> {
    if (!this.canSend) return null;
    if (this.claim !== null && !despite) {
      this.#askedLater = later;
      this.asks = true;
      this.askedAt = this.#backend.now();
      return null;
    }
    this.#forgetClaim();
    const { text, cancelOnReply } = this;
    const { contactId } = this.#thread;
    const attached = this.attachments.map(({ id }) => id);
    this.failure = null;
    for (const attachment of attached) this.#gone.add(attachment);
    const id = newMessageId(this.#backend.now());
    // A text with files is shown once the engine says how they look.
    if (later === null && attached.length === 0) this.#thread.writes(id, text, this.#backend.now());
    try {
      const sending = this.#drafts.send(contactId, () =>
        later === null
          ? this.#backend.sendMessage(contactId, text, attached, id)
          : this.#backend.sendLater(contactId, text, attached, later),
      );
      void this.look();
      const message = await sending;
      this.#thread.wrote(message);
      return message;
    } catch (thrown) {
      this.#thread.unwrites(id);
      for (const attachment of attached) this.#gone.delete(attachment);
      if (this.text === "") this.write(text);
      if (cancelOnReply) this.cancelOnReply = true;
      this.failure = failingFrom(thrown);
      return null;
    }
  }
}

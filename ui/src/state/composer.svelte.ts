// The composer of one thread: what it costs to send what is written, what is attached to it, whether it may be sent, and sending it.

import { SvelteSet } from "svelte/reactivity";
import type { Backend } from "@/backend/backend";
import type { Attachment } from "@/bindings/Attachment";
import type { AttachmentId } from "@/bindings/AttachmentId";
import type { Message } from "@/bindings/Message";
import type { MessageId } from "@/bindings/MessageId";
import type { Segments } from "@/bindings/Segments";
import { makePlain } from "@/lib/plain";
import type { Drafts } from "./drafts.svelte";
import { failingFrom, type Failing } from "./failing";
import type { Thread } from "./thread.svelte";

/** Twilio takes no longer text (crates/domain/src/gate.rs). In characters, not in UTF-16 units. */
export const MAX_CHARACTERS = 1_600;

/** And no larger files. The engine says so; it needs no more of a file than shows that. */
const MAX_FILE_BYTES = 5 * 1024 * 1024;

export class Composer {
  segments = $state.raw<Segments | null>(null);
  failure = $state.raw<Failing | null>(null);
  /** Files that are being taken in. */
  attaching = $state(0);
  /** Attached files that went with a text, or were taken away, before the conversation says so. */
  #gone = new SvelteSet<AttachmentId>();
  #backend: Backend;
  #drafts: Drafts;
  #thread: Thread;
  #asked = 0;

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

  /** What is attached to the draft, in order. */
  get attachments(): readonly Attachment[] {
    return (this.#thread.conversation?.attachments ?? []).filter(({ id }) => !this.#gone.has(id));
  }

  get canSend(): boolean {
    const something = this.text.trim() !== "" || this.attachments.length > 0;
    return something && this.attaching === 0 && !this.tooLong && this.lock === null;
  }

  attachmentUrl(id: AttachmentId): string {
    return this.#backend.attachmentUrl(id);
  }

  write(text: string): void {
    this.failure = null;
    this.#drafts.write(this.#thread.contactId, text);
    void this.measure();
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
      // Its files are the draft's again.
      this.#gone.clear();
      await this.#thread.refreshConversation();
      void this.measure();
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
    } catch (thrown) {
      this.#gone.delete(id);
      this.failure = failingFrom(thrown);
    }
  }

  /** Sends what is written. A refused text comes back into the composer, unless something new was begun. */
  async send(): Promise<Message | null> {
    if (!this.canSend) return null;
    const { text } = this;
    const { contactId } = this.#thread;
    const attached = this.attachments.map(({ id }) => id);
    this.failure = null;
    for (const id of attached) this.#gone.add(id);
    try {
      const sending = this.#drafts.send(contactId, () =>
        this.#backend.sendMessage(contactId, text, attached),
      );
      void this.measure();
      const message = await sending;
      this.#thread.wrote(message);
      return message;
    } catch (thrown) {
      for (const id of attached) this.#gone.delete(id);
      if (this.text === "") this.write(text);
      this.failure = failingFrom(thrown);
      return null;
    }
  }
}

// One open thread: the stretch of it that is loaded, growing upwards, kept true by events.
//
// Made anew whenever a conversation is opened and closed for good when another is: an answer that comes late finds a closed
// thread and changes nothing that is on screen.

import type { Backend } from "@/backend/backend";
import type { ContactId } from "@/bindings/ContactId";
import type { Conversation } from "@/bindings/Conversation";
import type { Message } from "@/bindings/Message";
import type { MessageId } from "@/bindings/MessageId";
import type { MessagePage } from "@/bindings/MessagePage";
import type { Note } from "@/bindings/Note";
import type { NoteId } from "@/bindings/NoteId";
import { toCommandError } from "@/backend/errors";
import { Turns } from "@/lib/turns";
import { compareMessages, firstUnread, mergeMessages, prependPage } from "./bubbles";
import { failingFrom, type Failing } from "./failing";
import { Gather } from "./gather";

const PAGE = 60;
const LARGEST_PAGE = 500;
/** From this many changed texts on, one page is cheaper than that many questions. */
const MANY = 40;

export class Thread {
  readonly contactId: ContactId;
  conversation = $state.raw<Conversation | null>(null);
  /** Oldest first, without gaps, up to the newest. */
  messages = $state.raw<readonly Message[]>([]);
  /** The private notes of the same stretch, oldest first. */
  notes = $state.raw<readonly Note[]>([]);
  phase = $state<"loading" | "ready" | "gone">("loading");
  /** Whether the last change of `messages` put older ones above; the virtual list must know in the same moment. */
  grewAbove = $state(false);
  loadingOlder = $state(false);
  failure = $state.raw<Failing | null>(null);
  /** The text above which the "new" line stands. */
  unreadFrom = $state<MessageId | null>(null);
  /** Texts that came while the newest were out of sight. */
  newBelow = $state(0);
  /** Counts up when the newest text must come into sight. */
  showNewest = $state(0);
  /** What a retry or discard failed with, by text. */
  actionFailures = $state.raw<ReadonlyMap<MessageId, Failing>>(new Map());

  #older = $state<string | null>(null);
  #atNewest = true;
  #closed = false;
  #backend: Backend;
  #changed: Gather<MessageId>;
  #changedNotes: Gather<NoteId>;
  /** Questions about this thread's texts: an answer is worked in before the next question is asked. */
  #turns = new Turns();

  constructor(backend: Backend, contactId: ContactId, known: Conversation | null) {
    this.#backend = backend;
    this.contactId = contactId;
    this.conversation = known;
    this.#changed = new Gather((ids) => this.#turns.take(() => this.#fetchChanged(ids)));
    this.#changedNotes = new Gather((ids) => this.#turns.take(() => this.#fetchNotes(ids)));
  }

  get reachesStart(): boolean {
    return this.phase === "ready" && this.#older === null;
  }

  /** The oldest of what is loaded, while older ones are not. */
  get #oldest(): Message | Note | null {
    if (this.#older === null) return null;
    return (
      [this.messages[0], this.notes[0]].filter((one) => one !== undefined).sort(compareMessages)[0] ?? null
    );
  }

  close(): void {
    this.#closed = true;
  }

  /** Loads the newest stretch, with every unread text in it. */
  open(): Promise<void> {
    return this.#turns.take(() => this.#open());
  }

  /** Asks again for all that is loaded: events were missed. */
  reload(): Promise<void> {
    return this.#turns.take(() => (this.phase === "ready" ? this.#reload() : this.#open()));
  }

  async #open(): Promise<void> {
    try {
      const conversation = await this.#backend.conversation(this.contactId);
      const limit = Math.min(Math.max(PAGE, conversation.unreadCount + 20), LARGEST_PAGE);
      const page = await this.#backend.messages({ contactId: this.contactId, page: null, limit });
      if (this.#closed) return;
      this.conversation = conversation;
      this.#putPage(page);
      this.unreadFrom = firstUnread(page.messages, conversation.unreadCount);
      this.phase = "ready";
      this.failure = null;
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  async #reload(): Promise<void> {
    try {
      const limit = Math.min(Math.max(PAGE, this.messages.length + this.notes.length), LARGEST_PAGE);
      const conversation = await this.#backend.conversation(this.contactId);
      const page = await this.#backend.messages({ contactId: this.contactId, page: null, limit });
      if (this.#closed) return;
      this.conversation = conversation;
      this.#putPage(page);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** The next older page, above what is loaded. */
  async loadOlder(): Promise<void> {
    if (this.#older === null || this.loadingOlder || this.#closed) return;
    this.loadingOlder = true;
    this.failure = null;
    await this.#turns.take(() => this.#loadOlder());
    this.loadingOlder = false;
  }

  async #loadOlder(): Promise<void> {
    const page = this.#older;
    if (page === null) return;
    try {
      const answer = await this.#backend.messages({ contactId: this.contactId, page, limit: PAGE });
      if (this.#closed) return;
      this.#put(prependPage(this.messages, answer.messages), true);
      this.notes = prependPage(this.notes, answer.notes);
      this.#older = answer.older;
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** These texts are new, gone or changed. */
  refresh(ids: readonly MessageId[]): Promise<void> {
    return this.#changed.add(ids);
  }

  async refreshConversation(): Promise<void> {
    try {
      const conversation = await this.#backend.conversation(this.contactId);
      if (!this.#closed) this.conversation = conversation;
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** The agent's own text, the moment it is kept; it is the newest, and comes into sight. */
  wrote(message: Message): void {
    if (this.#closed) return;
    this.#put(mergeMessages(this.messages, new Map([[message.id, message]]), this.#oldest), false);
    this.unreadFrom = null;
    this.showNewest += 1;
  }

  /** The agent's own note, likewise. */
  noted(note: Note): void {
    if (this.#closed) return;
    this.grewAbove = false;
    this.notes = mergeMessages(this.notes, new Map([[note.id, note]]), this.#oldest);
    this.showNewest += 1;
  }

  /** These notes are new, gone or changed. */
  refreshNotes(ids: readonly NoteId[]): Promise<void> {
    return this.#changedNotes.add(ids);
  }

  /** Texts came in. While nobody looks, the first of them gets the "new" line. */
  async received(ids: readonly MessageId[], seen: boolean): Promise<void> {
    await this.refresh(ids);
    if (this.#closed) return;
    const here = this.messages.filter((message) => ids.includes(message.id));
    if (!this.#atNewest) this.newBelow += here.length;
    const first = here[0];
    if (!seen && this.unreadFrom === null && first !== undefined) this.unreadFrom = first.id;
  }

  /** Whether the newest text is in sight. */
  setAtNewest(atNewest: boolean): void {
    this.#atNewest = atNewest;
    if (atNewest) this.newBelow = 0;
  }

  retry(id: MessageId): Promise<void> {
    return this.#act(id, () => this.#backend.retry(id));
  }

  discard(id: MessageId): Promise<void> {
    return this.#act(id, () => this.#backend.discard(id));
  }

  async #act(id: MessageId, action: () => Promise<void>): Promise<void> {
    const failures = new Map(this.actionFailures);
    failures.delete(id);
    this.actionFailures = failures;
    try {
      await action();
      await this.refresh([id]);
    } catch (thrown) {
      this.actionFailures = new Map([...this.actionFailures, [id, failingFrom(thrown)]]);
      await this.refresh([id]);
    }
  }

  async #fetchChanged(ids: MessageId[]): Promise<void> {
    if (ids.length > MANY) {
      await this.#reload();
      return;
    }
    const changed = new Map<MessageId, Message | null>();
    await Promise.all(
      ids.map(async (id) => {
        try {
          changed.set(id, await this.#backend.message(id));
        } catch (thrown) {
          if (toCommandError(thrown).code === "notFound") changed.set(id, null);
        }
      }),
    );
    if (this.#closed || this.phase !== "ready") return;
    this.#put(mergeMessages(this.messages, changed, this.#oldest), false);
  }

  async #fetchNotes(ids: NoteId[]): Promise<void> {
    const changed = new Map<NoteId, Note | null>();
    await Promise.all(
      ids.map(async (id) => {
        try {
          const note = await this.#backend.note(id);
          // Merging moves notes from one thread to another.
          changed.set(id, note.contactId === this.contactId ? note : null);
        } catch (thrown) {
          if (toCommandError(thrown).code === "notFound") changed.set(id, null);
        }
      }),
    );
    if (this.#closed || this.phase !== "ready") return;
    this.grewAbove = false;
    this.notes = mergeMessages(this.notes, changed, this.#oldest);
  }

  #putPage(page: MessagePage): void {
    this.#put(page.messages, false);
    this.notes = page.notes;
    this.#older = page.older;
  }

  #put(messages: readonly Message[], grewAbove: boolean): void {
    this.grewAbove = grewAbove;
    this.messages = messages;
  }

  #fail(thrown: unknown): void {
    if (this.#closed) return;
    this.failure = failingFrom(thrown);
    if (this.failure.code === "notFound") this.phase = "gone";
  }
}

// One open thread: the stretch of it that is loaded, growing upwards, kept true by events. Opened at a text far back, it grows
// downwards too, until it reaches the newest.
//
// Made anew whenever a conversation is opened and closed for good when another is: an answer that comes late finds a closed
// thread and changes nothing that is on screen. Decides when something is asked; questions.ts knows how, and loaded.svelte.ts keeps the
// answers.

import type { Backend, ItemId } from "@/backend/backend";
import type { ContactId } from "@/bindings/ContactId";
import type { Conversation } from "@/bindings/Conversation";
import type { Message } from "@/bindings/Message";
import type { MessageId } from "@/bindings/MessageId";
import type { Note } from "@/bindings/Note";
import type { NoteId } from "@/bindings/NoteId";
import type { UserId } from "@/bindings/UserId";
import { Turns } from "@/lib/turns";
import { firstUnread } from "./bubbles";
import { failingFrom, type Failing } from "./failing";
import { Gather } from "./gather";
import { Loaded } from "./loaded.svelte";
import { limitFor, Questions, stretch } from "./questions";

/** From this many changed texts on, one page is cheaper than that many questions. */
const MANY = 40;

/** What is known of a thread before anything of it is loaded. */
interface Opening {
  known: Conversation | null;
  /** The text or note that it is opened at; null for the newest. */
  at: ItemId | null;
  /** Who writes here. */
  me: UserId | null;
  /** Called when the newest text is among those that are loaded, and was not before. */
  onnewest: () => void;
}

export class Thread {
  readonly contactId: ContactId;
  conversation = $state.raw<Conversation | null>(null);
  /** The text or note that it was opened at; null for the newest. */
  readonly at: ItemId | null;
  phase = $state<"loading" | "ready" | "gone">("loading");
  loadingOlder = $state(false);
  failure = $state.raw<Failing | null>(null);
  /** The text above which the "new" line stands. */
  unreadFrom = $state<MessageId | null>(null);
  /** Texts that came while the newest were out of sight. */
  newBelow = $state(0);
  /** Counts up when the newest text must come into sight. */
  showNewest = $state(0);

  #loaded = new Loaded();
  #loadingNewer = false;
  #atNewest = true;
  #closed = false;
  #questions: Questions;
  #changed: Gather<MessageId>;
  #changedNotes: Gather<NoteId>;
  /** Questions about this thread's texts: an answer is worked in before the next question is asked. */
  #turns = new Turns();

  #me: UserId | null;
  #onnewest: () => void;

  constructor(backend: Backend, contactId: ContactId, { known, at, me, onnewest }: Opening) {
    this.#questions = new Questions(backend, contactId);
    this.#onnewest = onnewest;
    this.#me = me;
    this.contactId = contactId;
    this.at = at;
    this.conversation = known;
    this.#changed = new Gather((ids) => this.#turns.take(() => this.#fetchChanged(ids)));
    this.#changedNotes = new Gather((ids) => this.#turns.take(() => this.#fetchNotes(ids)));
  }

  /** Oldest first, without gaps; up to the newest where `reachesNewest`. */
  get messages(): readonly Message[] {
    return this.#loaded.messages;
  }

  /** The private notes of the same stretch, oldest first. */
  get notes(): readonly Note[] {
    return this.#loaded.notes;
  }

  /** Whether the last change of `messages` put older ones above. */
  get grewAbove(): boolean {
    return this.#loaded.grewAbove;
  }

  get reachesStart(): boolean {
    return this.phase === "ready" && this.#loaded.older === null;
  }

  /** Whether nothing newer is on this machine than what is loaded. */
  get reachesNewest(): boolean {
    return this.phase === "ready" && this.#loaded.newer === null;
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
      const known = this.at === null ? this.conversation : null;
      // What the list shows of it is nearly always still so: its texts are asked for without waiting for more.
      const [conversation, guessed] = await Promise.all([
        this.#questions.conversation(),
        known === null ? null : this.#questions.newest(known),
      ]);
      const isWhole = known !== null && stretch(conversation) <= stretch(known);
      const around = this.at === null ? null : await this.#questions.around(this.at);
      const page = around ?? (isWhole ? guessed : null) ?? (await this.#questions.newest(conversation));
      if (this.#closed) return;
      this.conversation = conversation;
      this.#loaded.put(page);
      if (around === null) this.unreadFrom = firstUnread(page.messages, conversation.unreadCount);
      this.phase = "ready";
      this.failure = null;
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  async #reload(): Promise<void> {
    try {
      const limit = limitFor(this.messages.length + this.notes.length);
      const conversation = await this.#questions.conversation();
      const middle = this.reachesNewest ? undefined : this.messages[Math.floor(this.messages.length / 2)];
      const around = middle === undefined ? null : await this.#questions.around(middle.id, limit);
      const page = around ?? (await this.#questions.page(null, limit));
      if (this.#closed) return;
      this.conversation = conversation;
      this.#loaded.put(page);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** The next older page, above what is loaded. */
  async loadOlder(): Promise<void> {
    if (this.#loaded.older === null || this.loadingOlder || this.#closed) return;
    this.loadingOlder = true;
    this.failure = null;
    await this.#turns.take(() => this.#loadOlder());
    this.loadingOlder = false;
  }

  async #loadOlder(): Promise<void> {
    const { older } = this.#loaded;
    if (older === null) return;
    try {
      const page = await this.#questions.page(older);
      if (this.#closed) return;
      this.#loaded.putAbove(page);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** The next newer page, below what is loaded. */
  async loadNewer(): Promise<void> {
    if (this.#loaded.newer === null || this.#loadingNewer || this.#closed) return;
    this.#loadingNewer = true;
    await this.#turns.take(() => this.#loadNewer());
    this.#loadingNewer = false;
  }

  async #loadNewer(): Promise<void> {
    const { newer } = this.#loaded;
    if (newer === null) return;
    try {
      const page = await this.#questions.page(newer);
      if (this.#closed) return;
      this.#loaded.putBelow(page);
      if (this.reachesNewest) this.#onnewest();
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Leaves the stretch far back for the newest one. */
  async jumpToNewest(): Promise<void> {
    if (!this.reachesNewest) await this.#turns.take(() => this.#jump());
    if (!this.#closed) this.showNewest += 1;
  }

  async #jump(): Promise<void> {
    try {
      const page = await this.#questions.page(null);
      if (this.#closed) return;
      this.#loaded.put(page);
      this.#onnewest();
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
      const conversation = await this.#questions.conversation();
      if (!this.#closed) this.conversation = conversation;
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** The agent's own text, the moment it is written and before the engine has kept it. `now` is milliseconds since 1970. */
  writes(id: MessageId, content: string, now: number): void {
    if (!this.reachesNewest) return;
    const newest = this.messages[this.messages.length - 1];
    // As the engine dates it: never above the newest text, whatever the clock says.
    const at = newest === undefined ? now : Math.max(now, Date.parse(newest.createdAt) + 1);
    this.wrote({
      id,
      contactId: this.contactId,
      content,
      direction: "outbound",
      state: "waiting",
      createdAt: new Date(at).toISOString(),
      mine: true,
      authorId: this.#me,
      media: [],
      failure: null,
      sendAt: null,
    });
  }

  /** The engine could not keep it. */
  unwrites(id: MessageId): void {
    if (this.#closed) return;
    this.#loaded.merge(new Map([[id, null]]));
  }

  /** The agent's own text, the moment it is kept; it is the newest, and comes into sight. */
  wrote(message: Message): void {
    if (this.#closed) return;
    this.unreadFrom = null;
    if (!this.reachesNewest) {
      void this.jumpToNewest();
      return;
    }
    this.#loaded.merge(new Map([[message.id, message]]));
    this.showNewest += 1;
  }

  /** The agent's own note, likewise. */
  noted(note: Note): void {
    if (this.#closed) return;
    if (!this.reachesNewest) {
      void this.jumpToNewest();
      return;
    }
    this.#loaded.mergeNotes(new Map([[note.id, note]]));
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
    if (!this.#atNewest) this.newBelow += this.reachesNewest ? here.length : ids.length;
    const first = here[0];
    if (!seen && this.unreadFrom === null && first !== undefined) this.unreadFrom = first.id;
  }

  /** Whether the newest text is in sight. */
  setAtNewest(atNewest: boolean): void {
    this.#atNewest = atNewest;
    if (atNewest) this.newBelow = 0;
  }

  async #fetchChanged(ids: MessageId[]): Promise<void> {
    if (ids.length > MANY) {
      await this.#reload();
      return;
    }
    const changed = await this.#questions.texts(ids);
    if (this.#closed || this.phase !== "ready") return;
    this.#loaded.merge(changed);
  }

  async #fetchNotes(ids: NoteId[]): Promise<void> {
    const changed = await this.#questions.notes(ids);
    if (this.#closed || this.phase !== "ready") return;
    this.#loaded.mergeNotes(changed);
  }

  #fail(thrown: unknown): void {
    if (this.#closed) return;
    this.failure = failingFrom(thrown);
    if (this.failure.code === "notFound") this.phase = "gone";
  }
}

// What an agent does with the open conversation but for writing to it. Every verb is done at once; the engine tells what changed.

import type { Backend } from "@/backend/backend";
import type { Action } from "@/bindings/Action";
import type { ContactId } from "@/bindings/ContactId";
import type { Conversation } from "@/bindings/Conversation";
import type { LabelId } from "@/bindings/LabelId";
import type { NoteId } from "@/bindings/NoteId";
import type { UserId } from "@/bindings/UserId";
import type { Drafts } from "./drafts.svelte";
import { failingFrom, type Failing } from "./failing";
import type { Thread } from "./thread.svelte";

export class Acting {
  /** Why the last thing could not be done. */
  failure = $state.raw<Failing | null>(null);
  /** Whether the composer writes a note rather than a text. */
  notes = $state(false);
  #backend: Backend;
  #thread: Thread;
  #drafts: Drafts;
  /** Whether it is known which of the two the agent goes on with. */
  #resumed = false;

  constructor(backend: Backend, thread: Thread, drafts: Drafts) {
    this.#backend = backend;
    this.#thread = thread;
    this.#drafts = drafts;
    this.resume();
  }

  /**
   * Goes on with the note that was begun, if one was: once, as soon as the conversation is known. What is begun at another desktop later
   * changes nothing here.
   */
  resume(): void {
    if (this.#resumed || this.#conversation === null) return;
    this.#resumed = true;
    this.notes ||= this.note !== "";
  }

  get #conversation(): Conversation | null {
    return this.#thread.conversation;
  }

  /** To a member, or to nobody. */
  assign(userId: UserId | null): Promise<boolean> {
    const contactId = this.#thread.contactId;
    return this.#do(
      userId === null ? { type: "unassign", contactId } : { type: "assign", contactId, userId },
    );
  }

  close(): Promise<boolean> {
    return this.#do({ type: "setStatus", contactId: this.#thread.contactId, status: "Closed" });
  }

  reopen(): Promise<boolean> {
    return this.#do({ type: "setStatus", contactId: this.#thread.contactId, status: "Open" });
  }

  /** Closes what is open, and opens what is closed or snoozed. */
  closeOrReopen(): Promise<boolean> {
    const status = this.#conversation?.status;
    return status === "Closed" || status === "Snoozed" ? this.reopen() : this.close();
  }

  /** Out of sight until then, in milliseconds since 1970. */
  snooze(until: number): Promise<boolean> {
    return this.#do({
      type: "snooze",
      contactId: this.#thread.contactId,
      until: new Date(until).toISOString(),
    });
  }

  /** Puts a label on, or takes it off. */
  toggleLabel(labelId: LabelId): Promise<boolean> {
    const has = this.#conversation?.labels.includes(labelId) ?? false;
    const contactId = this.#thread.contactId;
    return this.#do({ type: has ? "removeLabel" : "addLabel", contactId, labelId });
  }

  rename(name: string): Promise<boolean> {
    return this.#do({ type: "renameContact", contactId: this.#thread.contactId, name });
  }

  /** Writes something down about the contact. */
  setAttribute(name: string, value: string): Promise<boolean> {
    return this.#do({ type: "setAttribute", contactId: this.#thread.contactId, name, value });
  }

  removeAttribute(name: string): Promise<boolean> {
    return this.#do({ type: "removeAttribute", contactId: this.#thread.contactId, name });
  }

  /** `from` is the same person: all of it moves here. */
  merge(from: ContactId): Promise<boolean> {
    return this.#do({ type: "mergeContacts", contactId: this.#thread.contactId, from });
  }

  markUnread(): Promise<boolean> {
    return this.#do({ type: "markUnread", contactId: this.#thread.contactId });
  }

  setBlocked(blocked: boolean): Promise<boolean> {
    return this.#do({ type: blocked ? "block" : "unblock", contactId: this.#thread.contactId });
  }

  /** Wants no notifications of it at this desktop, or wants them again. */
  async setMuted(muted: boolean): Promise<boolean> {
    this.failure = null;
    try {
      await this.#backend.setMuted(this.#thread.contactId, muted);
      return true;
    } catch (thrown) {
      this.failure = failingFrom(thrown);
      return false;
    }
  }

  // Notes

  /** The note that is being written. */
  get note(): string {
    return this.#drafts.replyOf(this.#thread.contactId, this.#conversation).note;
  }

  writeNote(text: string): void {
    this.failure = null;
    this.#drafts.set(this.#thread.contactId, this.#conversation, { note: text });
  }

  /** Keeps what is written as a note. One that is refused stays in its field. */
  async addNote(): Promise<boolean> {
    const text = this.note;
    if (text.trim() === "") return false;
    this.writeNote("");
    try {
      this.#thread.noted(await this.#backend.addNote(this.#thread.contactId, text, []));
      return true;
    } catch (thrown) {
      if (this.note === "") this.writeNote(text);
      this.failure = failingFrom(thrown);
      return false;
    }
  }

  deleteNote(noteId: NoteId): Promise<boolean> {
    return this.#do({ type: "deleteNote", noteId });
  }

  editNote(noteId: NoteId, content: string): Promise<boolean> {
    return this.#do({ type: "editNote", noteId, content, mentions: [] });
  }

  /** Whether it could be done. */
  async #do(action: Action): Promise<boolean> {
    const workspaceId = this.#conversation?.workspaceId;
    if (workspaceId === undefined) return false;
    this.failure = null;
    try {
      await this.#backend.perform(workspaceId, action);
      return true;
    } catch (thrown) {
      this.failure = failingFrom(thrown);
      return false;
    }
  }
}

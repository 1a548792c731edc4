// What is loaded of one thread: a stretch of texts and private notes without gaps, and where it ends. It grows at both ends by pages, and
// is kept true by what changed.
//
// The thread fills it, and the views read it through the thread. Asks nobody anything, and knows nothing of what is in sight.

import type { Message } from "@/bindings/Message";
import type { MessageId } from "@/bindings/MessageId";
import type { MessagePage } from "@/bindings/MessagePage";
import type { Note } from "@/bindings/Note";
import type { NoteId } from "@/bindings/NoteId";
import { appendPage, compareMessages, mergeMessages, prependPage, type Bounds, type Timed } from "./bubbles";

/** Where the loaded stretch ends while the thread goes on: what stands there, and how to ask on from it. */
interface End {
  at: Timed;
  page: string;
}

export class Loaded {
  /** Oldest first. */
  messages = $state.raw<readonly Message[]>([]);
  /** Of the same stretch, oldest first. */
  notes = $state.raw<readonly Note[]>([]);
  /** Whether the last change of `messages` put older ones above; the virtual list must know in the same moment. */
  grewAbove = $state(false);
  #older = $state.raw<End | null>(null);
  #newer = $state.raw<End | null>(null);

  /** The next older page, to ask for; null at the beginning of the thread. */
  get older(): string | null {
    return this.#older?.page ?? null;
  }

  /** The next newer page; null where nothing newer is on this machine. */
  get newer(): string | null {
    return this.#newer?.page ?? null;
  }

  get #bounds(): Bounds {
    return { oldest: this.#older?.at ?? null, newest: this.#newer?.at ?? null };
  }

  /** Another stretch in its place. */
  put(page: MessagePage): void {
    this.#set(page.messages, false);
    this.notes = page.notes;
    this.#older = endAt(page.older, firstOf(page));
    this.#newer = endAt(page.newer, lastOf(page));
  }

  putAbove(page: MessagePage): void {
    this.#set(prependPage(this.messages, page.messages), true);
    this.notes = prependPage(this.notes, page.notes);
    this.#older = endAt(page.older, firstOf(page));
  }

  putBelow(page: MessagePage): void {
    this.#set(appendPage(this.messages, page.messages), false);
    this.notes = appendPage(this.notes, page.notes);
    this.#newer = endAt(page.newer, lastOf(page));
  }

  /** These texts are new, gone (`null`) or changed. */
  merge(changed: ReadonlyMap<MessageId, Message | null>): void {
    this.#set(mergeMessages(this.messages, changed, this.#bounds), false);
  }

  /** These notes are, likewise. */
  mergeNotes(changed: ReadonlyMap<NoteId, Note | null>): void {
    this.grewAbove = false;
    this.notes = mergeMessages(this.notes, changed, this.#bounds);
  }

  #set(messages: readonly Message[], grewAbove: boolean): void {
    this.grewAbove = grewAbove;
    this.messages = messages;
  }
}

function endAt(page: string | null, at: Timed | undefined): End | null {
  return page === null || at === undefined ? null : { at, page };
}

function firstOf({ messages, notes }: MessagePage): Timed | undefined {
  return inOrder(messages[0], notes[0])[0];
}

function lastOf({ messages, notes }: MessagePage): Timed | undefined {
  return inOrder(messages[messages.length - 1], notes[notes.length - 1]).pop();
}

function inOrder(...some: (Timed | undefined)[]): Timed[] {
  return some.filter((one) => one !== undefined).sort(compareMessages);
}

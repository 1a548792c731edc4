// What was begun and not sent: texts, and the reply settings beside them (the note that was begun, `cancelOnReply`), each under its own
// contact.
//
// What is typed is kept here at once and handed to the engine a moment later; this copy is the newer one until the engine tells that
// it was edited at another desktop, which it never does while somebody types here. Nothing here knows which conversation is open: a text
// cannot get under another contact's name.
//
// What concerns one contact reaches the engine one after the other. Sending a text clears the draft there, so a save must
// neither overtake it (it would be lost) nor come after it with the text that was sent (it would bring that back).

import { SvelteMap } from "svelte/reactivity";
import type { Backend } from "@/backend/backend";
import type { ContactId } from "@/bindings/ContactId";
import type { ReplySettings } from "@/bindings/ReplySettings";
import { Turns } from "@/lib/turns";

/** How long a key waits at most before the engine is told of it, also while others follow. */
export const SAVE_AFTER_MS = 350;

const NOTHING_SET: ReplySettings = { cancelOnReply: false, note: "" };

/** What the engine kept: the conversation, once it is known. */
type Kept = { reply: ReplySettings } | null;

/** What is still to be handed over. */
interface Waiting {
  timer: ReturnType<typeof setTimeout>;
  text: boolean;
  reply: boolean;
}

export class Drafts {
  #texts = new SvelteMap<ContactId, string>();
  #replies = new SvelteMap<ContactId, ReplySettings>();
  #waiting = new Map<ContactId, Waiting>();
  #turns = new Map<ContactId, Turns>();
  #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** The text for this contact: what was typed here, else what the engine kept. */
  textOf(contactId: ContactId, kept: string | null): string {
    return this.#texts.get(contactId) ?? kept ?? "";
  }

  /** What stands beside it, likewise. */
  replyOf(contactId: ContactId, kept: Kept): ReplySettings {
    return this.#replies.get(contactId) ?? kept?.reply ?? NOTHING_SET;
  }

  write(contactId: ContactId, text: string): void {
    this.#texts.set(contactId, text);
    this.#soon(contactId).text = true;
  }

  /** Changes some of what stands beside the text. */
  set(contactId: ContactId, kept: Kept, change: Partial<ReplySettings>): void {
    this.#replies.set(contactId, { ...this.replyOf(contactId, kept), ...change });
    this.#soon(contactId).reply = true;
  }

  /**
   * Hands over what this contact's draft is now, and waits for what is on its way. Never rejects: what was typed stays here and is
   * handed over with the next key.
   */
  async flush(contactId: ContactId): Promise<void> {
    const waiting = this.#stop(contactId);
    const text = waiting?.text === true ? (this.#texts.get(contactId) ?? "") : null;
    const reply = waiting?.reply === true ? (this.#replies.get(contactId) ?? null) : null;
    await this.#turnsOf(contactId).take(() =>
      Promise.allSettled([
        text !== null && this.#backend.saveDraft(contactId, text),
        reply !== null && this.#backend.saveReply(contactId, reply),
      ]),
    );
  }

  /**
   * Sends the draft with `send`, which clears it in the engine too, and what was set for this text: what was not handed over of it
   * never will be. A note stays.
   */
  send<Sent>(contactId: ContactId, send: () => Promise<Sent>): Promise<Sent> {
    const waiting = this.#stop(contactId);
    this.#texts.set(contactId, "");
    const reply = this.#replies.get(contactId);
    if (reply !== undefined) this.#replies.set(contactId, { ...reply, cancelOnReply: false });
    if (waiting?.reply === true) this.#soon(contactId).reply = true;
    return this.#turnsOf(contactId).take(send);
  }

  /** Takes a text back into the draft with `take`, which answers with the draft as the engine has it then. */
  async takeBack(contactId: ContactId, take: () => Promise<string>): Promise<void> {
    // What was typed goes first, since the text is put above it.
    await this.flush(contactId);
    this.#texts.set(contactId, await this.#turnsOf(contactId).take(take));
  }

  /**
   * The engine has another version, from another desktop: `look` asks what the conversation holds then. What was typed since and not
   * handed over is newer than that.
   */
  async adopt(contactId: ContactId, look: () => Promise<unknown>): Promise<void> {
    // What is on its way there is a part of what it holds.
    await this.#turnsOf(contactId).take(() => Promise.resolve());
    const [text, reply] = [this.#texts.get(contactId), this.#replies.get(contactId)];
    await look();
    const waiting = this.#waiting.get(contactId);
    if (waiting?.text !== true && this.#texts.get(contactId) === text) this.#texts.delete(contactId);
    if (waiting?.reply !== true && this.#replies.get(contactId) === reply) this.#replies.delete(contactId);
  }

  /** Hands over what there is of every contact: the window closes, or the agent leaves it. */
  async flushAll(): Promise<void> {
    const contacts = new Set([...this.#waiting.keys(), ...this.#turns.keys()]);
    await Promise.all([...contacts].map((contactId) => this.flush(contactId)));
  }

  /** Another agent may sign in: nothing of this one's stays. */
  forget(): void {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#texts.clear();
    this.#replies.clear();
  }

  /** What will be handed over in a moment. */
  #soon(contactId: ContactId): Waiting {
    const waiting = this.#waiting.get(contactId) ?? {
      timer: setTimeout(() => void this.flush(contactId), SAVE_AFTER_MS),
      text: false,
      reply: false,
    };
    this.#waiting.set(contactId, waiting);
    return waiting;
  }

  /** What was still to be handed over, which is for the caller to do now. */
  #stop(contactId: ContactId): Waiting | undefined {
    const waiting = this.#waiting.get(contactId);
    clearTimeout(waiting?.timer);
    this.#waiting.delete(contactId);
    return waiting;
  }

  #turnsOf(contactId: ContactId): Turns {
    const turns = this.#turns.get(contactId) ?? new Turns();
    this.#turns.set(contactId, turns);
    return turns;
  }
}

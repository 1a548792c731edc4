// Texts that were begun and not sent, each under its own contact.
//
// What is typed is kept here at once and handed to the engine a moment later; this copy is the newer one until the engine tells that
// the text was edited at another desktop, which it never does while somebody types here. Nothing here knows which conversation is open: a text cannot get under another contact's name.
//
// What concerns one contact reaches the engine one after the other. Sending a text clears the draft there, so a save must
// neither overtake it (it would be lost) nor come after it with the text that was sent (it would bring that back).

import { SvelteMap } from "svelte/reactivity";
import type { Backend } from "@/backend/backend";
import type { ContactId } from "@/bindings/ContactId";
import { Turns } from "@/lib/turns";

/** How long a key waits at most before the engine is told of it, also while others follow. */
export const SAVE_AFTER_MS = 350;

export class Drafts {
  #texts = new SvelteMap<ContactId, string>();
  #timers = new Map<ContactId, ReturnType<typeof setTimeout>>();
  #turns = new Map<ContactId, Turns>();
  #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** The text for this contact: what was typed here, else what the engine kept. */
  textOf(contactId: ContactId, kept: string | null): string {
    return this.#texts.get(contactId) ?? kept ?? "";
  }

  write(contactId: ContactId, text: string): void {
    this.#texts.set(contactId, text);
    if (this.#timers.has(contactId)) return;
    this.#timers.set(
      contactId,
      setTimeout(() => void this.flush(contactId), SAVE_AFTER_MS),
    );
  }

  /**
   * Hands over what this contact's draft is now, and waits for what is on its way. Never rejects: the text stays here and is
   * handed over with the next key.
   */
  flush(contactId: ContactId): Promise<void> {
    const turns = this.#turnsOf(contactId);
    if (!this.#stopTimer(contactId)) return turns.take(() => Promise.resolve());
    const text = this.#texts.get(contactId) ?? "";
    return turns.take(() => this.#backend.saveDraft(contactId, text)).catch(() => undefined);
  }

  /** Sends the draft with `send`, which clears it in the engine too: what was not handed over yet never will be. */
  send<Sent>(contactId: ContactId, send: () => Promise<Sent>): Promise<Sent> {
    this.#stopTimer(contactId);
    this.#texts.set(contactId, "");
    return this.#turnsOf(contactId).take(send);
  }

  /** Takes a text back into the draft with `take`, which answers with the draft as the engine has it then. */
  async takeBack(contactId: ContactId, take: () => Promise<string>): Promise<void> {
    // What was typed goes first, since the text is put above it.
    await this.flush(contactId);
    this.#texts.set(contactId, await this.#turnsOf(contactId).take(take));
  }

  /** The engine has another version, from another desktop. What was typed since and not handed over is newer than that. */
  adopt(contactId: ContactId): void {
    if (!this.#timers.has(contactId)) this.#texts.delete(contactId);
  }

  /** The same for every contact: the window closes, or the agent leaves it. */
  async flushAll(): Promise<void> {
    const contacts = new Set([...this.#timers.keys(), ...this.#turns.keys()]);
    await Promise.all([...contacts].map((contactId) => this.flush(contactId)));
  }

  /** Another agent may sign in: nothing of this one's stays. */
  forget(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#texts.clear();
  }

  /** Whether something was still to be handed over. */
  #stopTimer(contactId: ContactId): boolean {
    clearTimeout(this.#timers.get(contactId));
    return this.#timers.delete(contactId);
  }

  #turnsOf(contactId: ContactId): Turns {
    const turns = this.#turns.get(contactId) ?? new Turns();
    this.#turns.set(contactId, turns);
    return turns;
  }
}

// Texts that were begun and not sent, each under its own contact.
//
// What is typed is kept here at once and handed to the engine a moment later; for as long as the window lives, this copy is
// the newer one. Nothing here knows which conversation is open: a text cannot get under another contact's name.

import { SvelteMap } from "svelte/reactivity";
import type { Backend } from "@/backend/backend";
import type { ContactId } from "@/bindings/ContactId";

/** How long typing must pause before the engine is told. */
export const SAVE_AFTER_MS = 350;

export class Drafts {
  #texts = new SvelteMap<ContactId, string>();
  #timers = new Map<ContactId, ReturnType<typeof setTimeout>>();
  #saves = new Map<ContactId, Promise<void>>();
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
    clearTimeout(this.#timers.get(contactId));
    this.#timers.set(
      contactId,
      setTimeout(() => void this.flush(contactId), SAVE_AFTER_MS),
    );
  }

  /** Hands over what this contact's draft is now. Never rejects: the text stays here and is handed over with the next key. */
  flush(contactId: ContactId): Promise<void> {
    const timer = this.#timers.get(contactId);
    if (timer === undefined) return this.#saves.get(contactId) ?? Promise.resolve();
    clearTimeout(timer);
    this.#timers.delete(contactId);

    const text = this.#texts.get(contactId) ?? "";
    const before = this.#saves.get(contactId) ?? Promise.resolve();
    const save = before.then(() => this.#backend.saveDraft(contactId, text)).catch(() => undefined);
    this.#saves.set(contactId, save);
    return save;
  }

  /** Hands over everything: the window closes, or the agent leaves it. */
  async flushAll(): Promise<void> {
    await Promise.all([...this.#timers.keys()].map((contactId) => this.flush(contactId)));
  }

  /** Another agent may sign in: nothing of this one's stays. */
  forget(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#texts.clear();
  }
}

// What became of the open conversation. The server knows it: asked for with the thread, and again when the conversation stands otherwise.
// Nobody waits for it, and without the server the thread is the same without these lines.

import type { Backend } from "@/backend/backend";
import type { ContactId } from "@/bindings/ContactId";
import type { Conversation } from "@/bindings/Conversation";
import type { HistoryLine } from "@/bindings/HistoryLine";
import { Gather } from "./gather";

/** What the agent does is shown before the server knows of it: so often it is asked whether it does. */
const MOST_TRIES = 4;

export class History {
  /** Oldest first. */
  lines = $state.raw<readonly HistoryLine[]>([]);
  #standing: string | null = null;
  /** Questions that are left before nothing more is expected. */
  #tries = 0;
  #backend: Backend;
  #contactId: ContactId;
  #asking = new Gather<"lines">(() => this.#ask());

  constructor(backend: Backend, contactId: ContactId) {
    this.#backend = backend;
    this.#contactId = contactId;
  }

  /** Called with the conversation as it is now, whenever anything of it changed. */
  follow({ assignedTo, status, snoozedUntil, optedOut, blocked }: Conversation): Promise<void> {
    const standing = JSON.stringify([assignedTo, status, snoozedUntil, optedOut, blocked]);
    // How it stood when it was opened is told in one answer.
    if (standing !== this.#standing) this.#tries = this.#standing === null ? 1 : MOST_TRIES;
    this.#standing = standing;
    return this.#tries > 0 ? this.#asking.add(["lines"]) : Promise.resolve();
  }

  async #ask(): Promise<void> {
    const before = this.lines.length;
    try {
      this.lines = await this.#backend.history(this.#contactId);
      this.#tries = this.lines.length === before ? this.#tries - 1 : 0;
    } catch {
      // The next change asks again.
    }
  }
}

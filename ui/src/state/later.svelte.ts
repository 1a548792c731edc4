// The texts of one thread that wait for their time, and what can be done with them. The server keeps them: every change waits for it.

import type { Backend } from "@/backend/backend";
import type { ContactId } from "@/bindings/ContactId";
import type { Message } from "@/bindings/Message";
import type { MessageId } from "@/bindings/MessageId";
import type { Reschedule } from "@/bindings/Reschedule";
import { failingFrom, type Failing } from "./failing";
import { Gather } from "./gather";

export class LaterTexts {
  /** The next one first. */
  texts = $state.raw<readonly Message[]>([]);
  /** What the last change failed with. */
  failure = $state.raw<Failing | null>(null);
  #backend: Backend;
  #contactId: ContactId;
  #asking = new Gather<"texts">(() => this.#ask());

  constructor(backend: Backend, contactId: ContactId) {
    this.#backend = backend;
    this.#contactId = contactId;
  }

  /** Something changed. */
  refresh(): Promise<void> {
    return this.#asking.add(["texts"]);
  }

  /** Another time or other words, or it leaves now. Answers whether it was done. */
  change(id: MessageId, change: Reschedule): Promise<boolean> {
    return this.#do(() => this.#backend.reschedule(id, change));
  }

  callOff(id: MessageId): Promise<boolean> {
    return this.#do(() => this.#backend.callOff(id));
  }

  /** Takes one away that has not left this machine. */
  discard(id: MessageId): Promise<boolean> {
    return this.#do(() => this.#backend.discard(id));
  }

  async #do(act: () => Promise<void>): Promise<boolean> {
    this.failure = null;
    try {
      await act();
      return true;
    } catch (thrown) {
      this.failure = failingFrom(thrown);
      return false;
    } finally {
      await this.refresh();
    }
  }

  async #ask(): Promise<void> {
    this.texts = await this.#backend.scheduled(this.#contactId).catch(() => this.texts);
  }
}

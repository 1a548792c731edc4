// What can be done with a text of the open thread that has not left, or has not arrived: tried again, thrown away, called off.
//
// Made with the thread, and used by the buttons under its texts. Changes no text: the thread asks again for the one that it was done to.

import type { Backend } from "@/backend/backend";
import type { MessageId } from "@/bindings/MessageId";
import { failingFrom, type Failing } from "./failing";
import type { Thread } from "./thread.svelte";

export class Undelivered {
  /** What the last of it failed with, by text. */
  failures = $state.raw<ReadonlyMap<MessageId, Failing>>(new Map());
  #backend: Backend;
  #thread: Thread;

  constructor(backend: Backend, thread: Thread) {
    this.#backend = backend;
    this.#thread = thread;
  }

  retry(id: MessageId): Promise<void> {
    return this.#act(id, () => this.#backend.retry(id));
  }

  discard(id: MessageId): Promise<void> {
    return this.#act(id, () => this.#backend.discard(id));
  }

  /** Calls a text off that waits on the server. */
  callOff(id: MessageId): Promise<void> {
    return this.#act(id, () => this.#backend.callOff(id));
  }

  async #act(id: MessageId, action: () => Promise<void>): Promise<void> {
    const failures = new Map(this.failures);
    failures.delete(id);
    this.failures = failures;
    try {
      await action();
    } catch (thrown) {
      this.failures = new Map([...this.failures, [id, failingFrom(thrown)]]);
    }
    await this.#thread.refresh([id]);
  }
}

// The texts that only this machine has: those that wait, those that are parked, and those that are asked about. One list over all
// conversations, with what can be done about each.

import type { Backend } from "@/backend/backend";
import type { ContactId } from "@/bindings/ContactId";
import type { Message } from "@/bindings/Message";
import type { MessageId } from "@/bindings/MessageId";
import { failingFrom, type Failing } from "./failing";

export class Outbox {
  /** In the order in which they were written. */
  texts = $state.raw<readonly Message[]>([]);
  /** Whether it is looked at. */
  isOpen = $state(false);
  /** What the last thing that was done about a text failed with. */
  failure = $state.raw<Failing | null>(null);
  #names = $state.raw<ReadonlyMap<ContactId, string>>(new Map());
  #round = 0;
  #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Those that do not leave by themselves. */
  get stuck(): number {
    return this.texts.filter(({ state }) => state === "parked" || state === "held").length;
  }

  /** Parked ones that may leave now. What is asked about is answered one by one: whoever says yes to all has read none. */
  get again(): readonly Message[] {
    return this.texts.filter(({ state, failure }) => state === "parked" && failure?.canRetry === true);
  }

  nameOf(contactId: ContactId): string {
    return this.#names.get(contactId) ?? "";
  }

  open(): void {
    this.failure = null;
    this.isOpen = true;
    void this.refresh();
  }

  close(): void {
    this.isOpen = false;
  }

  /** Something changed. */
  async refresh(): Promise<void> {
    const round = ++this.#round;
    const texts = await this.#backend.outbox().catch(() => null);
    if (texts === null || round !== this.#round) return;
    this.texts = texts;
    if (this.isOpen) await this.#learnNames(round);
  }

  retry(id: MessageId): Promise<void> {
    return this.#do(() => this.#backend.retry(id));
  }

  discard(id: MessageId): Promise<void> {
    return this.#do(() => this.#backend.discard(id));
  }

  retryAll(): Promise<void> {
    const wanted = this.again;
    return this.#do(async () => {
      for (const { id } of wanted) await this.#backend.retry(id);
    });
  }

  /** Another agent may sign in. */
  forget(): void {
    this.#round += 1;
    this.texts = [];
    this.#names = new Map();
    this.isOpen = false;
    this.failure = null;
  }

  async #do(act: () => Promise<void>): Promise<void> {
    this.failure = null;
    try {
      await act();
    } catch (thrown) {
      this.failure = failingFrom(thrown);
    }
    await this.refresh();
  }

  async #learnNames(round: number): Promise<void> {
    const unknown = [...new Set(this.texts.map(({ contactId }) => contactId))];
    const found = await Promise.all(
      unknown.map(async (contactId) => {
        const conversation = await this.#backend.conversation(contactId).catch(() => null);
        return conversation === null ? null : ([contactId, conversation.name] as const);
      }),
    );
    if (round === this.#round) this.#names = new Map(found.filter((one) => one !== null));
  }
}

// What happened to texts of the open thread, asked of the server when somebody looks at a delivery mark, and again once it has changed.

import { SvelteMap } from "svelte/reactivity";
import type { Backend } from "@/backend/backend";
import type { LedgerLine } from "@/bindings/LedgerLine";
import type { Message } from "@/bindings/Message";
import type { MessageId } from "@/bindings/MessageId";
import type { MessageState } from "@/bindings/MessageState";
import { failingFrom, type Failing } from "./failing";

export type Ledger =
  | { phase: "loading" }
  | { phase: "here"; state: MessageState; lines: readonly LedgerLine[] }
  | { phase: "failed"; failure: Failing };

/** Nobody but this machine knows of them. */
const here: readonly MessageState[] = ["waiting", "parked", "held"];

export class Ledgers {
  #ledgers = new SvelteMap<MessageId, Ledger>();
  #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  of(id: MessageId): Ledger | null {
    return this.#ledgers.get(id) ?? null;
  }

  async look({ id, state }: Message): Promise<void> {
    if (here.includes(state)) return;
    const known = this.#ledgers.get(id);
    if (known?.phase === "loading" || (known?.phase === "here" && known.state === state)) return;
    if (known?.phase !== "here") this.#ledgers.set(id, { phase: "loading" });
    try {
      this.#ledgers.set(id, { phase: "here", state, lines: await this.#backend.ledger(id) });
    } catch (thrown) {
      this.#ledgers.set(id, { phase: "failed", failure: failingFrom(thrown) });
    }
  }
}

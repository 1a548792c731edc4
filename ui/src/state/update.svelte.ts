// Whether a newer version is installed by now than the one that runs: it only has to be started.

import type { Backend } from "@/backend/backend";

export class Update {
  /** Whether there is one, and the agent has not put it off. */
  isReady = $state(false);
  #backend: Backend;
  #later = false;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async look(): Promise<void> {
    const there = await this.#backend.updateReady().catch(() => false);
    this.isReady = there && !this.#later;
  }

  /** The agent goes on with this one until the next start. */
  putOff(): void {
    this.#later = true;
    this.isReady = false;
  }

  async restart(): Promise<void> {
    await this.#backend.restart();
    await this.look();
  }
}

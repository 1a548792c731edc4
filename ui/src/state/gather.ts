// Ids that changed, asked for once each: events come in bursts, and answers must not overtake each other.
//
// Used by the list and the thread. While one round of questions runs, further ids gather for the next; so an answer that
// is worked in is never older than one worked in before it.

/** Asks `ask` for everything that was added, in rounds, one after the other. */
export class Gather<Id> {
  #waiting = new Set<Id>();
  #running: Promise<void> | null = null;
  #ask: (ids: Id[]) => Promise<void>;

  constructor(ask: (ids: Id[]) => Promise<void>) {
    this.#ask = ask;
  }

  /** Resolves when these ids, and what came meanwhile, have been asked for. */
  add(ids: Iterable<Id>): Promise<void> {
    for (const id of ids) this.#waiting.add(id);
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    // Ids of the same burst gather first.
    await Promise.resolve();
    try {
      while (this.#waiting.size > 0) {
        const ids = [...this.#waiting];
        this.#waiting.clear();
        await this.#ask(ids);
      }
    } finally {
      this.#running = null;
    }
  }
}

// Canned replies in the composer: `/` and the beginning of a name offer them, and the one that is picked stands in the composer, filled in.

import type { Backend } from "@/backend/backend";
import type { CannedReply } from "@/bindings/CannedReply";
import { fitting } from "@/lib/match";
import type { Composer } from "./composer.svelte";
import { failingFrom } from "./failing";
import type { Teams } from "./team.svelte";
import type { Thread } from "./thread.svelte";

/** As many as are in sight. */
const MOST = 8;

export class Replies {
  /** What the picked reply lacks, such as `attribute.order`. */
  missing = $state.raw<readonly string[]>([]);
  #cursor = $state(0);
  /** What stood in the composer when the offer was waved away. */
  #refused = $state<string | null>(null);
  #backend: Backend;
  #composer: Composer;
  #thread: Thread;
  #teams: Teams;

  constructor(backend: Backend, composer: Composer, thread: Thread, teams: Teams) {
    this.#backend = backend;
    this.#composer = composer;
    this.#thread = thread;
    this.#teams = teams;
  }

  /** What stands behind the `/`; `null` while nothing is offered. */
  get typed(): string | null {
    const { text } = this.#composer;
    return text.startsWith("/") && !text.includes("\n") && text !== this.#refused ? text.slice(1) : null;
  }

  readonly offered = $derived.by<readonly CannedReply[]>(() => {
    const workspaceId = this.#thread.conversation?.workspaceId;
    if (this.typed === null || workspaceId === undefined) return [];
    return fitting(this.#teams.repliesOf(workspaceId), this.typed, ({ name }) => name).slice(0, MOST);
  });

  get cursor(): number {
    return Math.max(0, Math.min(this.#cursor, this.offered.length - 1));
  }

  move(by: number): void {
    const { length } = this.offered;
    if (length > 0) this.#cursor = (this.cursor + by + length) % length;
  }

  /** The agent means the `/` itself. */
  refuse(): void {
    this.#refused = this.#composer.text;
  }

  /** Puts a reply into the composer. Answers whether it is there. */
  async pick(reply: CannedReply | undefined = this.offered[this.cursor]): Promise<boolean> {
    if (reply === undefined) return false;
    try {
      const { text, missing } = await this.#backend.fillReply(this.#thread.contactId, reply.id);
      this.#composer.write(text);
      this.missing = missing;
      this.#cursor = 0;
      return true;
    } catch (thrown) {
      this.#composer.failure = failingFrom(thrown);
      return false;
    }
  }

  /** Those of them that still stand in the text. */
  get lacks(): readonly string[] {
    return this.missing.filter((name) => this.#composer.text.includes(`{{${name}}}`));
  }
}

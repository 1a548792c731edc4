// How many conversations each view has. Asked again with whatever changes, one question after the other and a few times a second at
// most: counting is not free, and nobody reads faster.

import type { Backend } from "@/backend/backend";
import type { ConversationFilter } from "@/bindings/ConversationFilter";
import type { Counts } from "@/bindings/Counts";
import type { LabelId } from "@/bindings/LabelId";
import type { WorkspaceId } from "@/bindings/WorkspaceId";
import { Gather } from "./gather";
import { Outbox } from "./outbox.svelte";

/** Between two questions. */
const PAUSE_MS = 250;

export class CountsController {
  /** What waits on this machine: a figure beside the views, and a place of its own. */
  readonly outbox: Outbox;
  #counts = $state.raw<Counts | null>(null);
  #workspaceId: WorkspaceId | null = null;
  #round = 0;
  #backend: Backend;
  #asking = new Gather<"all">(() => this.#ask());

  constructor(backend: Backend) {
    this.#backend = backend;
    this.outbox = new Outbox(backend);
  }

  /** `null` where the figure is not known, or means nothing. */
  of(filter: ConversationFilter): number | null {
    return filter === "all" ? null : (this.#counts?.[filter] ?? null);
  }

  ofLabel(labelId: LabelId): number | null {
    return this.#counts === null ? null : (this.#counts.labels[labelId] ?? 0);
  }

  /** Something changed. */
  refresh(): Promise<void> {
    return this.#asking.add(["all"]);
  }

  setTeam(workspaceId: WorkspaceId | null): void {
    if (workspaceId === this.#workspaceId) return;
    this.#drop();
    this.#workspaceId = workspaceId;
    void this.refresh();
  }

  /** Another agent may sign in. */
  forget(): void {
    this.#drop();
    this.outbox.forget();
  }

  #drop(): void {
    this.#round += 1;
    this.#counts = null;
    this.#workspaceId = null;
  }

  async #ask(): Promise<void> {
    const round = this.#round;
    void this.outbox.refresh();
    try {
      const counts = await this.#backend.counts(this.#workspaceId);
      if (round === this.#round) this.#counts = counts;
    } catch {
      // The figures that are there stay until the next change.
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

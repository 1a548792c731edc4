// What colleagues do right now: who is at work, and who looks at or writes to which contact. Forgotten within seconds.

import type { Backend } from "@/backend/backend";
import type { Busy } from "@/bindings/Busy";
import type { Colleagues } from "@/bindings/Colleagues";
import type { ContactId } from "@/bindings/ContactId";
import type { UserId } from "@/bindings/UserId";
import type { WorkspaceId } from "@/bindings/WorkspaceId";

const NOBODY: Colleagues = { atWork: [], busy: [], away: false };

export class ColleaguesController {
  value = $state.raw<Colleagues>(NOBODY);
  #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** What cannot be asked for is told again within seconds. */
  async load(): Promise<void> {
    this.value = await this.#backend.colleagues().catch(() => NOBODY);
  }

  forget(): void {
    this.value = NOBODY;
  }

  /** Who is busy with a conversation; whoever writes stands first. */
  busyWith(contactId: ContactId): readonly Busy[] {
    const busy = this.value.busy.filter((one) => one.contactId === contactId);
    return [...busy.filter(({ typing }) => typing), ...busy.filter(({ typing }) => !typing)];
  }

  /** Whether a member is at work; null while nobody knows. */
  presenceOf(workspaceId: WorkspaceId, userId: UserId): "here" | "away" | null {
    const found = this.value.atWork.find((one) => one.workspaceId === workspaceId && one.userId === userId);
    if (found === undefined) return null;
    return found.away ? "away" : "here";
  }

  /** Whether the agent is away; the engine tells colleagues. */
  async setAway(away: boolean): Promise<void> {
    await this.#backend.setAway(away).catch(() => undefined);
    await this.load();
  }
}

// The teams of whoever is signed in: names of colleagues and labels, for every row that names one by its id.

import { SvelteMap } from "svelte/reactivity";
import type { Backend } from "@/backend/backend";
import type { CannedReply } from "@/bindings/CannedReply";
import type { Conversation } from "@/bindings/Conversation";
import type { Label } from "@/bindings/Label";
import type { Member } from "@/bindings/Member";
import type { Team } from "@/bindings/Team";
import type { UserId } from "@/bindings/UserId";
import type { WorkspaceId } from "@/bindings/WorkspaceId";

export class Teams {
  #teams = new SvelteMap<WorkspaceId, Team>();
  #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Asks for a team, or again. One that cannot be read keeps what is known of it. */
  async load(workspaceId: WorkspaceId): Promise<void> {
    try {
      this.#teams.set(workspaceId, await this.#backend.team(workspaceId));
    } catch {
      // Names are missing then, and nothing else.
    }
  }

  forget(): void {
    this.#teams.clear();
  }

  membersOf(workspaceId: WorkspaceId): readonly Member[] {
    return this.#teams.get(workspaceId)?.members ?? [];
  }

  repliesOf(workspaceId: WorkspaceId): readonly CannedReply[] {
    return this.#teams.get(workspaceId)?.cannedReplies ?? [];
  }

  labelsOf(workspaceId: WorkspaceId): readonly Label[] {
    return this.#teams.get(workspaceId)?.labels ?? [];
  }

  /** Labels of all teams, for the views. */
  get labels(): readonly Label[] {
    return [...this.#teams.values()].flatMap((team) => team.labels);
  }

  /** The labels that a conversation carries. One that is gone from the team is gone from it. */
  labelsOn(conversation: Conversation): readonly Label[] {
    const labels = this.labelsOf(conversation.workspaceId);
    return conversation.labels.flatMap((id) => labels.find((label) => label.id === id) ?? []);
  }

  /** A colleague's name, whichever team they are known from. */
  nameOf(userId: UserId | null): string | null {
    if (userId === null) return null;
    for (const team of this.#teams.values()) {
      const found = team.members.find((member) => member.userId === userId);
      if (found) return found.name;
    }
    return null;
  }

  member(workspaceId: WorkspaceId, userId: UserId | null): Member | null {
    if (userId === null) return null;
    return this.membersOf(workspaceId).find((member) => member.userId === userId) ?? null;
  }
}

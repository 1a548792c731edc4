// How changed rows are worked into the conversation list. Pure; conversations.svelte.ts calls it.

import type { ContactId } from "@/bindings/ContactId";
import type { Conversation } from "@/bindings/Conversation";
import type { ConversationFilter } from "@/bindings/ConversationFilter";
import type { LabelId } from "@/bindings/LabelId";
import type { UserId } from "@/bindings/UserId";
import type { WorkspaceId } from "@/bindings/WorkspaceId";

/** Which conversations a list shows. */
export interface View {
  filter: ConversationFilter;
  /** Only those that carry it. */
  labelId: LabelId | null;
  /** Only those of one team; `null` for all of them. */
  workspaceId: WorkspaceId | null;
  /** Whose list it is. */
  me: UserId | null;
}

/** Whether the view lets this row through; as the engine decides it. */
export function lets(view: View, row: Conversation): boolean {
  if (view.workspaceId !== null && row.workspaceId !== view.workspaceId) return false;
  if (view.labelId !== null && !row.labels.includes(view.labelId)) return false;
  const open = row.status === "Open" || row.status === "Pending";
  switch (view.filter) {
    case "open":
      return open;
    case "mine":
      return open && row.assignedTo !== null && row.assignedTo === view.me;
    case "unassigned":
      return open && row.assignedTo === null;
    case "unread":
      return row.unreadCount > 0;
    case "snoozed":
      return row.status === "Snoozed";
    case "closed":
      return row.status === "Closed";
    case "all":
      return true;
  }
}

function moment(row: Conversation): number {
  return row.lastMessageAt === null ? 0 : Date.parse(row.lastMessageAt);
}

/** Newest first; the order of the engine. */
export function compareRows(a: Conversation, b: Conversation): number {
  return moment(b) - moment(a) || (a.contactId < b.contactId ? 1 : a.contactId > b.contactId ? -1 : 0);
}

/** What the list shows, and how far it goes. */
export interface Shown {
  rows: readonly Conversation[];
  view: View;
  /** Whether there are no further pages. */
  complete: boolean;
  /** The selected row: it stays although the view no longer lets it through, until another is selected. */
  selected: ContactId | null;
}

/** The rows after `changed` (`null`: gone) came in. */
export function mergeRows(
  shown: Shown,
  changed: ReadonlyMap<ContactId, Conversation | null>,
): Conversation[] {
  const before = new Set(shown.rows.map((row) => row.contactId));
  const kept = shown.rows.filter((row) => !changed.has(row.contactId));
  const last = shown.rows[shown.rows.length - 1];

  for (const row of changed.values()) {
    if (row === null) continue;
    const isSelected = row.contactId === shown.selected && before.has(row.contactId);
    if (!isSelected && !lets(shown.view, row)) continue;
    // Below the last row that is loaded: it comes with its page.
    if (!isSelected && !shown.complete && last !== undefined && compareRows(row, last) > 0) continue;
    kept.push(row);
  }
  return kept.sort(compareRows);
}

/** Two pages in one list: a row that moved up between the two answers stands once, in its newer form. */
export function appendPage(rows: readonly Conversation[], page: readonly Conversation[]): Conversation[] {
  const known = new Set(rows.map((row) => row.contactId));
  return [...rows, ...page.filter((row) => !known.has(row.contactId))];
}

// How changed rows are worked into the conversation list. Pure; conversations.svelte.ts calls it.

import type { ContactId } from "@/bindings/ContactId";
import type { Conversation } from "@/bindings/Conversation";
import type { ConversationFilter } from "@/bindings/ConversationFilter";

/** Whether the filter lets this row through. */
export function lets(filter: ConversationFilter, row: Conversation): boolean {
  switch (filter) {
    case "open":
      return row.status === "Open" || row.status === "Pending";
    case "unread":
      return row.unreadCount > 0;
    case "closed":
      return row.status === "Closed" || row.status === "Snoozed";
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
  filter: ConversationFilter;
  /** Whether there are no further pages. */
  complete: boolean;
  /** The selected row: it stays although the filter no longer lets it through, until another is selected. */
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
    if (!isSelected && !lets(shown.filter, row)) continue;
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

// What became of conversations in the fake: what was done before anybody looked, and what is done since.

import type { Action } from "@/bindings/Action";
import type { HistoryLine } from "@/bindings/HistoryLine";
import { KIM, ME } from "./team";

const MINUTE = 60_000;

/** What was done, so many minutes before the newest text. */
type Done = readonly [minutes: number, kind: string, by: string, assignee?: string];

/** By slug. */
export const histories: Readonly<Record<string, readonly Done[]>> = {
  "maya-lindqvist": [
    [2_900, "closed", KIM],
    [42, "assigned", KIM, ME],
  ],
  "marcus-bell": [[30, "assigned", KIM, KIM]],
  "kwame-mensah": [[20, "unassigned", ME]],
  "long-name": [[8, "assigned", ME, KIM]],
};

const line = (at: number, kind: string, by: string, more: Partial<HistoryLine> = {}): HistoryLine => ({
  at: new Date(at).toISOString(),
  kind,
  decidedBy: "agent",
  by,
  assignee: null,
  until: null,
  ...more,
});

export const lineAt = ([minutes, kind, by, assignee]: Done, newest: number): HistoryLine =>
  line(newest - minutes * MINUTE, kind, by, { assignee: assignee ?? null });

const plain: Partial<Record<Action["type"], string>> = {
  unassign: "unassigned",
  close: "closed",
  block: "blocked",
  unblock: "unblocked",
  mergeContacts: "merged",
};
const standings = { Open: "opened", Pending: "pending", Closed: "closed", Snoozed: null } as const;

/** What the server makes of a command; null where it is no news. */
export function lineOf(action: Action, now: number): HistoryLine | null {
  if (action.type === "assign") return line(now, "assigned", ME, { assignee: action.userId });
  if (action.type === "snooze") return line(now, "snoozed", ME, { until: action.until });
  const kind = action.type === "setStatus" ? standings[action.status] : plain[action.type];
  return kind === undefined || kind === null ? null : line(now, kind, ME);
}

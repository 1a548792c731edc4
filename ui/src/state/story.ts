// How what became of a conversation stands between its texts: who did what, and what followed by itself. Pure; message/Timeline.svelte
// calls it.

import type { HistoryLine } from "@/bindings/HistoryLine";
import type { Message } from "@/bindings/Message";
import type { UserId } from "@/bindings/UserId";

/** The kinds of lines that agents and contacts make, and the two that happen by themselves. */
const kinds = [
  "assigned",
  "unassigned",
  "opened",
  "pending",
  "closed",
  "snoozed",
  "blocked",
  "unblocked",
  "merged",
  "opted_out",
  "opted_in",
] as const;

/** A line between the texts of a thread. */
export interface Told {
  /** When, in milliseconds since 1970. */
  at: number;
  /** `reopened`: the contact wrote; `woke`: the snooze was over. */
  kind: (typeof kinds)[number] | "reopened" | "woke";
  decidedBy: "contact" | "agent" | "twilio";
  /** The member, where it was one. */
  by: UserId | null;
  assignee: UserId | null;
  /** When the snooze ends, in milliseconds since 1970. */
  until: number | null;
}

/** The stretch of the thread that is loaded, and the time. */
export interface Stretch {
  /** Oldest first. */
  messages: readonly Message[];
  reachesStart: boolean;
  reachesNewest: boolean;
  /** Milliseconds since 1970. */
  now: number;
}

function read({ at, kind, decidedBy, by, assignee, until }: HistoryLine): Told | null {
  const known = kinds.find((one) => one === kind);
  // A newer server may know of more.
  if (known === undefined) return null;
  return {
    // What the contact decided stands below the text that said so, which has the same time.
    at: Date.parse(at) + (decidedBy === "contact" ? 1 : 0),
    kind: known,
    decidedBy: decidedBy === "contact" || decidedBy === "twilio" ? decidedBy : "agent",
    by,
    assignee,
    until: until === null ? null : Date.parse(until),
  };
}

const byItself = (at: number, kind: "reopened" | "woke"): Told => ({
  at,
  kind,
  decidedBy: "contact",
  by: null,
  assignee: null,
  until: null,
});

/** Always the same, so that nothing is laid out anew for it. */
const NOTHING: readonly Told[] = [];

/** The lines of the stretch, oldest first. A text of the contact opens what is closed or snoozed, unless the contact is blocked. */
export function storyOf(lines: readonly HistoryLine[], stretch: Stretch): readonly Told[] {
  if (lines.length === 0) return NOTHING;
  const { messages, reachesStart, reachesNewest, now } = stretch;
  const [first, last] = [messages[0], messages[messages.length - 1]];
  const from = reachesStart || first === undefined ? -Infinity : Date.parse(first.createdAt);
  const to = reachesNewest || last === undefined ? Infinity : Date.parse(last.createdAt);
  const done = lines
    .map(read)
    .filter((line) => line !== null)
    .filter(({ at }) => at >= from && at <= to);

  const told: Told[] = [];
  let away: { until: number } | null = null;
  let blocked = false;
  const wake = (at: number) => {
    if (away === null || away.until > at) return;
    told.push(byItself(away.until, "woke"));
    away = null;
  };
  const inbound = messages.filter(({ direction }) => direction === "inbound");
  let next = 0;
  const hear = (before: number) => {
    for (let text = inbound[next]; text !== undefined; text = inbound[++next]) {
      const at = Date.parse(text.createdAt);
      if (at > before) return;
      wake(at);
      if (away === null || blocked) continue;
      told.push(byItself(at, "reopened"));
      away = null;
    }
  };
  for (const line of done) {
    hear(line.at);
    wake(line.at);
    told.push(line);
    if (line.kind === "closed") away = { until: Infinity };
    else if (line.kind === "snoozed") away = { until: line.until ?? Infinity };
    else if (line.kind === "opened" || line.kind === "pending") away = null;
    else if (line.kind === "blocked" || line.kind === "unblocked") blocked = line.kind === "blocked";
  }
  hear(Infinity);
  wake(now);
  return told;
}

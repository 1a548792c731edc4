// When a text can leave that is not to leave now: moments that people mean, and a moment as a form's field has it. Pure; "now" is a parameter.

import { daysToMonday, HOUR, morning, nextMorningThere, thisMinute } from "./moments";
import type { Region } from "./time";

export type LaterChoice = "hour" | "there" | "tomorrow" | "monday";

/**
 * The choices, soonest first, each with its moment. `minutesAhead` is how far the contact's clock is ahead of UTC, where that is
 * known: nine in the morning is offered by their clock, too, when that is another moment than ours.
 */
export function laterChoices(
  now: number,
  region: Region,
  minutesAhead: number | null,
): { choice: LaterChoice; at: number }[] {
  const toMonday = daysToMonday(now, region);
  const ours: { choice: LaterChoice; at: number }[] = [
    { choice: "hour", at: thisMinute(now) + HOUR },
    { choice: "tomorrow", at: morning(now, 1, region) },
  ];
  if (toMonday > 1) ours.push({ choice: "monday", at: morning(now, toMonday, region) });
  const there = minutesAhead === null ? null : nextMorningThere(now, minutesAhead);
  const theirs: typeof ours =
    there === null || ours.some(({ at }) => at === there) ? [] : [{ choice: "there", at: there }];
  return [...ours, ...theirs].sort((a, b) => a.at - b.at);
}

/** As `<input type="datetime-local">` has it, by the clock of this machine: "2026-11-22T09:00". */
export function fieldOf(ms: number): string {
  const at = new Date(ms);
  const two = (figure: number) => String(figure).padStart(2, "0");
  const day = `${String(at.getFullYear())}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The moment that such a field says; null where it says none. */
export function momentOf(field: string): number | null {
  const ms = field === "" ? NaN : new Date(field).getTime();
  return Number.isNaN(ms) ? null : ms;
}

// Until when a conversation can be out of sight: a few moments that people mean. Pure; "now" is a parameter.

import { clockParts, type Region } from "./time";

export type SnoozeChoice = "hours" | "tomorrow" | "monday";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MORNING = 9;

/** A morning so many days from now, whatever clocks are set in between. */
function morning(now: number, days: number, region: Region): number {
  const { hour, minute } = clockParts(now, region);
  const guess = now - (now % 60_000) - (hour * 60 + minute) * 60_000 + days * DAY + MORNING * HOUR;
  const off = clockParts(guess, region).hour - MORNING;
  return guess - off * HOUR;
}

/** The choices, soonest first, each with its moment. */
export function snoozeChoices(now: number, region: Region): { choice: SnoozeChoice; until: number }[] {
  const { weekday } = clockParts(now, region);
  const toMonday = (8 - weekday) % 7 || 7;
  const hours = now - (now % 60_000) + 3 * HOUR;
  const choices: { choice: SnoozeChoice; until: number }[] = [
    { choice: "hours", until: hours },
    { choice: "tomorrow", until: morning(now, 1, region) },
  ];
  // On a Sunday, tomorrow is Monday.
  if (toMonday > 1) choices.push({ choice: "monday", until: morning(now, toMonday, region) });
  return choices;
}

// Until when a conversation can be out of sight: a few moments that people mean. Pure; "now" is a parameter.

import { daysToMonday, HOUR, morning, thisMinute } from "./moments";
import type { Region } from "./time";

export type SnoozeChoice = "hours" | "tomorrow" | "monday";

/** The choices, soonest first, each with its moment. */
export function snoozeChoices(now: number, region: Region): { choice: SnoozeChoice; until: number }[] {
  const toMonday = daysToMonday(now, region);
  const choices: { choice: SnoozeChoice; until: number }[] = [
    { choice: "hours", until: thisMinute(now) + 3 * HOUR },
    { choice: "tomorrow", until: morning(now, 1, region) },
  ];
  // On a Sunday, tomorrow is Monday.
  if (toMonday > 1) choices.push({ choice: "monday", until: morning(now, toMonday, region) });
  return choices;
}

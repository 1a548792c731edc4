// Until when an agent wants to be left alone: a few moments that people mean. Pure; "now" is a parameter.

import { snoozeChoices } from "./snooze";
import { type Region } from "./time";

export type QuietChoice = "hour" | "tomorrow";

const HOUR = 3_600_000;

/** The choices, soonest first, each with its moment. */
export function quietChoices(now: number, region: Region): { choice: QuietChoice; until: number }[] {
  const tomorrow = snoozeChoices(now, region).find(({ choice }) => choice === "tomorrow");
  const hour = { choice: "hour", until: now - (now % 60_000) + HOUR } as const;
  return tomorrow === undefined ? [hour] : [hour, { choice: "tomorrow", until: tomorrow.until }];
}

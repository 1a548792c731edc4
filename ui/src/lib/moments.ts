// Moments to come, as people mean them: a morning, some hours ahead. Pure; "now" is a parameter.

import { clockParts, type Region } from "./time";

export const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MINUTE = 60_000;
const MORNING = 9;

/** The minute that has begun. */
export const thisMinute = (now: number) => now - (now % MINUTE);

/** A morning so many days from now, whatever clocks are set in between. */
export function morning(now: number, days: number, region: Region): number {
  const { hour, minute } = clockParts(now, region);
  const guess = thisMinute(now) - (hour * 60 + minute) * MINUTE + days * DAY + MORNING * HOUR;
  const off = clockParts(guess, region).hour - MORNING;
  return guess - off * HOUR;
}

/** How many days it is until Monday, 1 to 7. */
export function daysToMonday(now: number, region: Region): number {
  return (8 - clockParts(now, region).weekday) % 7 || 7;
}

/** The next morning where clocks are so many minutes ahead of UTC, as they are set now. */
export function nextMorningThere(now: number, minutesAhead: number): number {
  const there = now + minutesAhead * MINUTE;
  const today = there - (there % DAY) + MORNING * HOUR;
  return (today > there ? today : today + DAY) - minutesAhead * MINUTE;
}

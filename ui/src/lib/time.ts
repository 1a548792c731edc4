// Dates and figures as an agent reads them. All through Intl; "now" is always a parameter.

/** How dates are written: as the system writes them in the language of our words, if it has a way of its own. */
export interface Region {
  locale: string;
  /** IANA name; the system's own when missing. */
  timeZone?: string;
}

/** The region of this machine. */
export function localRegion(languages: readonly string[], language: string): Region {
  const own = languages.find((one) => one.toLowerCase().split("-")[0] === language);
  return { locale: own ?? language };
}

// An object of Intl holds some 16 kB outside of the script's heap, of which WebKit's collector knows nothing: those of a few thousand texts
// lie there until something else has it look through everything. So each is made once.
const dateFormats = new Map<string, Intl.DateTimeFormat>();
const relativeFormats = new Map<string, Intl.RelativeTimeFormat>();

function once<T>(made: Map<string, T>, key: string, make: () => T): T {
  const known = made.get(key);
  if (known !== undefined) return known;
  const fresh = make();
  made.set(key, fresh);
  return fresh;
}

function format(region: Region, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const zone = region.timeZone === undefined ? {} : { timeZone: region.timeZone };
  const make = () => new Intl.DateTimeFormat(region.locale, { ...options, ...zone });
  return once(dateFormats, JSON.stringify([region, options]), make);
}

/** "in 2 days", "5 minutes ago"; with `auto`, "tomorrow" where the language has a word. */
function relative(region: Region, numeric: "auto" | "always"): Intl.RelativeTimeFormat {
  const make = () => new Intl.RelativeTimeFormat(region.locale, { numeric });
  return once(relativeFormats, `${region.locale} ${numeric}`, make);
}

/** A day as a number that grows by one each midnight, in the region's own time zone. */
export function dayNumber(ms: number, region: Region): number {
  const parts = format(
    { ...region, locale: "en" },
    { year: "numeric", month: "numeric", day: "numeric" },
  ).formatToParts(ms);
  const part = (type: string) => Number(parts.find((candidate) => candidate.type === type)?.value);
  return Date.UTC(part("year"), part("month") - 1, part("day")) / 86_400_000;
}

/** What the clock and the calendar on the wall say; Sunday is 0. */
export function clockParts(ms: number, region: Region): { hour: number; minute: number; weekday: number } {
  const parts = format(
    { ...region, locale: "en" },
    { hour: "numeric", minute: "numeric", hourCycle: "h23" },
  ).formatToParts(ms);
  const part = (type: string) => Number(parts.find((candidate) => candidate.type === type)?.value);
  // The first of January 1970 was a Thursday.
  return { hour: part("hour"), minute: part("minute"), weekday: (dayNumber(ms, region) + 4) % 7 };
}

/** "tomorrow, 09:00", "Monday, 09:00", "3 Dec, 09:00": a moment to come, in a sentence. */
export function untilWhen(ms: number, now: number, region: Region): string {
  const ahead = dayNumber(ms, region) - dayNumber(now, region);
  const time = clockTime(ms, region);
  if (ahead <= 0) return time;
  if (ahead === 1) {
    return `${relative(region, "auto").format(1, "day")}, ${time}`;
  }
  const options: Intl.DateTimeFormatOptions =
    ahead < 7 ? { weekday: "long" } : { day: "numeric", month: "short" };
  return `${format(region, options).format(ms)}, ${time}`;
}

/** "14:32" or "2:32 PM". */
export function clockTime(ms: number, region: Region): string {
  return format(region, { timeStyle: "short" }).format(ms);
}

/** With seconds, and with the day: "21 Nov, 14:32:10". */
export function stampTime(ms: number, region: Region): string {
  return format(region, {
    day: "numeric",
    month: "short",
    hour: "numeric",
    minute: "2-digit",
    second: "2-digit",
  }).format(ms);
}

/** What the clock says at a place that is so many minutes ahead of UTC. */
export function clockThere(ms: number, minutesAhead: number, region: Region): string {
  return clockTime(ms + minutesAhead * 60_000, { ...region, timeZone: "UTC" });
}

/** The full moment, for a title: "Saturday, 21 November 2026 at 14:32:10". */
export function fullTime(ms: number, region: Region): string {
  return format(region, { dateStyle: "full", timeStyle: "medium" }).format(ms);
}

/** Day and time without seconds, for a list: "21 November 2026 at 14:32". */
export function dayAndTime(ms: number, region: Region): string {
  return format(region, { dateStyle: "long", timeStyle: "short" }).format(ms);
}

/** How long ago, in a sentence: "20 seconds ago", "5 minutes ago", "2 days ago". */
export function ago(ms: number, now: number, region: Region): string {
  const seconds = Math.max(1, Math.round((now - ms) / 1_000));
  const words = relative(region, "always");
  for (const [unit, size, most] of [
    ["second", 1, 60],
    ["minute", 60, 3_600],
    ["hour", 3_600, 86_400],
  ] as const)
    if (seconds < most) return words.format(-Math.floor(seconds / size), unit);
  return words.format(-Math.floor(seconds / 86_400), "day");
}

/** "Today" for 0, "Yesterday" for -1. */
function dayWord(days: number, region: Region): string {
  const word = relative(region, "auto").format(days, "day");
  return word.charAt(0).toLocaleUpperCase(region.locale) + word.slice(1);
}

/** When, in the little room of a row: "14:32", "Yesterday", "Tue", "3 Nov", "3 Nov 2024". */
export function shortMoment(ms: number, now: number, region: Region): string {
  const age = dayNumber(now, region) - dayNumber(ms, region);
  if (age <= 0) return clockTime(ms, region);
  if (age === 1) return dayWord(-1, region);
  if (age < 7) return format(region, { weekday: "short" }).format(ms);
  if (sameYear(ms, now, region)) return format(region, { day: "numeric", month: "short" }).format(ms);
  return format(region, { day: "numeric", month: "short", year: "numeric" }).format(ms);
}

/** The word on a day separator: "Today", "Yesterday", "Tuesday, 17 November", with the year where it is another. */
export function dayName(ms: number, now: number, region: Region): string {
  const age = dayNumber(now, region) - dayNumber(ms, region);
  if (age === 0) return dayWord(0, region);
  if (age === 1) return dayWord(-1, region);
  const options: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long" };
  return format(region, sameYear(ms, now, region) ? options : { ...options, year: "numeric" }).format(ms);
}

/** Since when, in a sentence: "14:32" today, with the day otherwise. */
export function sinceWhen(ms: number, now: number, region: Region): string {
  if (dayNumber(now, region) === dayNumber(ms, region)) return clockTime(ms, region);
  return `${shortMoment(ms, now, region)}, ${clockTime(ms, region)}`;
}

function sameYear(a: number, b: number, region: Region): boolean {
  const year = format(region, { year: "numeric" });
  return year.format(a) === year.format(b);
}

// What would become of a text if it was sent now: the twin of crates/domain/src/outlook.rs, for the browser build alone. Both are held to
// the answers in crates/domain/data/outlook.json.

import type { GoesOutFrom } from "@/bindings/GoesOutFrom";
import type { LocalTime } from "@/bindings/LocalTime";
import type { Outlook } from "@/bindings/Outlook";
import type { Refusal } from "@/bindings/Refusal";
import { measure } from "./measure";

const MOST_CHARACTERS = 1_600;
const MOST_FILES = 10;

export interface Outgoing {
  to: string;
  text: string;
  files: number;
  optedOut: boolean;
}

export function outlook(outgoing: Outgoing, from: GoesOutFrom, now: number): Outlook {
  const segments = measure(outgoing.text);
  return {
    segments,
    plain: segments.encoding === "UCS-2" ? plain(outgoing.text) : null,
    refusal: refusalOf(outgoing),
    localTime: localTime(outgoing.to, now),
    from,
  };
}

/** The gate: crates/domain/src/gate.rs. */
export function refusalOf({ to, text, files, optedOut }: Outgoing): Refusal | null {
  if (optedOut) return "optedOut";
  if (!/^(\+[1-9]\d{1,14}|\d{3,8})$/.test(to)) return "noAddress";
  if (text.trim() === "" && files === 0) return "empty";
  if (text.includes("\0")) return "unsendable";
  if (Array.from(text).length > MOST_CHARACTERS) return "tooLong";
  return files > MOST_FILES ? "tooManyFiles" : null;
}

/** crates/domain/src/plain.rs */
const sisters: readonly (readonly [characters: string, sister: string])[] = [
  ["\u2018\u2019\u201a\u2032\u00b4`", "'"],
  ["\u201c\u201d\u201e\u00ab\u00bb\u2033", '"'],
  ["\u2010\u2011\u2012\u2013\u2014\u2212\u2022\u00b7", "-"],
  ["\u2026", "..."],
  ["\u00a0\u2009\u202f\t", " "],
  ["\u200b\ufeff", ""],
];

function plain(text: string): string | null {
  const sisterOf = (character: string) => sisters.find(([characters]) => characters.includes(character))?.[1];
  const written = Array.from(text, (character) => sisterOf(character) ?? character).join("");
  return written === text ? null : written;
}

/** Of the table of crates/domain/data/zones.txt, the beginnings of the numbers that people here have. */
const zones: Readonly<Record<string, readonly string[]>> = {
  "1206": ["America/Los_Angeles"],
  "1253": ["America/Los_Angeles"],
  "1425": ["America/Los_Angeles"],
  "12082": ["America/Boise", "America/Los_Angeles"],
  "33": ["Europe/Paris"],
  "46": ["Europe/Stockholm"],
  "49": ["Europe/Berlin"],
  "81": ["Asia/Tokyo"],
  "971": ["Asia/Dubai"],
  "972": ["Asia/Jerusalem"],
};

/** crates/domain/src/zone.rs */
function localTime(phone: string, now: number): LocalTime | null {
  if (!phone.startsWith("+")) return null;
  const beginning = Object.keys(zones).find((digits) => phone.startsWith(`+${digits}`));
  const offsets = (zones[beginning ?? ""] ?? []).map((zone) => minutesAhead(zone, now));
  if (offsets.length === 0) return null;
  const asleep = offsets.filter((minutes) => isNight(now, minutes)).length;
  return {
    earliest: Math.min(...offsets),
    latest: Math.max(...offsets),
    night: asleep === 0 ? "no" : asleep === offsets.length ? "yes" : "perhaps",
  };
}

function minutesAhead(zone: string, now: number): number {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(
    now,
  );
  const offset = parts.find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(offset) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}

function isNight(now: number, minutes: number): boolean {
  const hour = new Date(now + minutes * 60_000).getUTCHours();
  return hour < 8 || hour >= 21;
}

// How texts and private notes become a thread: order, days, groups and the place of the "new" line. Pure; thread.svelte.ts,
// loaded.svelte.ts and message/Timeline.svelte call it.

import type { Message } from "@/bindings/Message";
import type { MessageId } from "@/bindings/MessageId";
import type { Note } from "@/bindings/Note";
import { dayNumber, type Region } from "@/lib/time";
import type { Told } from "./story";

/** Texts of one side within this time of each other stand together. */
export const GROUP_MS = 2 * 60_000;

/** What stands in a thread at its time. */
export interface Timed {
  id: string;
  createdAt: string;
}

/**
 * The first and the last of what is loaded of a thread, texts and notes alike. `null` where the stretch reaches the beginning, or
 * the newest.
 */
export interface Bounds {
  oldest: Timed | null;
  newest: Timed | null;
}

/** What every row of a thread has. */
export interface Standing {
  /** When, in milliseconds since 1970. */
  at: number;
  /** Whether a day begins with it. */
  startsDay: boolean;
  /** What became of the conversation between the row above and this one. */
  before: readonly Told[];
  /** And since, where nothing stands below. */
  after: readonly Told[];
}

/** A private note between the texts. */
export interface NoteRow extends Standing {
  kind: "note";
  note: Note;
}

export type Row = Bubble | NoteRow;

/** A text and how it stands to its neighbours. */
export interface Bubble extends Standing {
  kind: "text";
  message: Message;
  /** Whether the line "new" stands above it. */
  startsUnread: boolean;
  /** Whether it continues the group above. */
  joinsAbove: boolean;
  /** Whether the group goes on below. */
  joinsBelow: boolean;
}

/** Oldest first, as the engine orders them: by time, then by id. */
export function compareMessages(a: Timed, b: Timed): number {
  return Date.parse(a.createdAt) - Date.parse(b.createdAt) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Works `changed` (`null`: gone) into the loaded stretch; what lies beyond it stays out until its page comes. */
export function mergeMessages<T extends Timed>(
  loaded: readonly T[],
  changed: ReadonlyMap<string, T | null>,
  { oldest, newest }: Bounds,
): T[] {
  const kept = loaded.filter((one) => !changed.has(one.id));
  const known = new Set(loaded.map((one) => one.id));
  const fits = (one: T) =>
    (oldest === null || compareMessages(one, oldest) > 0) &&
    (newest === null || compareMessages(one, newest) < 0);
  for (const one of changed.values()) {
    if (one !== null && (known.has(one.id) || fits(one))) kept.push(one);
  }
  return kept.sort(compareMessages);
}

/** An older page above the loaded stretch, each text once. */
export function prependPage<T extends Timed>(loaded: readonly T[], page: readonly T[]): T[] {
  const known = new Set(loaded.map((one) => one.id));
  return [...page.filter((one) => !known.has(one.id)), ...loaded];
}

/** A newer page below the loaded stretch, each text once. */
export function appendPage<T extends Timed>(loaded: readonly T[], page: readonly T[]): T[] {
  const known = new Set(loaded.map((one) => one.id));
  return [...loaded, ...page.filter((one) => !known.has(one.id))];
}

/** The first of the `unread` newest inbound texts, or `null`. */
export function firstUnread(messages: readonly Message[], unread: number): MessageId | null {
  let left = unread;
  let first: MessageId | null = null;
  for (let i = messages.length - 1; i >= 0 && left > 0; i--) {
    const message = messages[i];
    if (message?.direction !== "inbound") continue;
    first = message.id;
    left -= 1;
  }
  return first;
}

const NOTHING: readonly Told[] = [];

const sameSide = (a: Message, b: Message) =>
  a.direction === b.direction && a.mine === b.mine && a.authorId === b.authorId;

/** Both, each in its order, in one order. */
function weave(messages: readonly Message[], notes: readonly Note[]): readonly (Message | Note)[] {
  if (notes.length === 0) return messages;
  const woven: (Message | Note)[] = [];
  let next = 0;
  for (const message of messages) {
    for (let note = notes[next]; note && compareMessages(note, message) < 0; note = notes[++next])
      woven.push(note);
    woven.push(message);
  }
  return [...woven, ...notes.slice(next)];
}

/** Lays the thread out. */
export function layOut(
  messages: readonly Message[],
  notes: readonly Note[],
  unreadFrom: MessageId | null,
  region: Region,
  story: readonly Told[] = [],
): Row[] {
  const rows: Row[] = [];
  let above: Row | undefined;
  let dayAbove = Number.NaN;
  let told = 0;
  for (const one of weave(messages, notes)) {
    const at = Date.parse(one.createdAt);
    const day = dayNumber(at, region);
    const startsDay = day !== dayAbove;
    dayAbove = day;
    const from = told;
    while (told < story.length && (story[told]?.at ?? Infinity) <= at) told += 1;
    const standing = {
      at,
      startsDay,
      before: from === told ? NOTHING : story.slice(from, told),
      after: NOTHING,
    };
    if (!("state" in one)) {
      above = { kind: "note", note: one, ...standing };
      rows.push(above);
      continue;
    }
    const startsUnread = one.id === unreadFrom;
    const joinsAbove =
      above?.kind === "text" &&
      !startsDay &&
      !startsUnread &&
      standing.before.length === 0 &&
      sameSide(above.message, one) &&
      at - above.at <= GROUP_MS &&
      above.message.failure === null &&
      // When a text for later leaves stands below it.
      above.message.sendAt === one.sendAt;
    if (above?.kind === "text") above.joinsBelow = joinsAbove;
    above = { kind: "text", message: one, ...standing, startsUnread, joinsAbove, joinsBelow: false };
    rows.push(above);
  }
  if (above !== undefined && told < story.length) above.after = story.slice(told);
  return rows;
}

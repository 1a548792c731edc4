// How texts become a thread: order, days, groups and the place of the "new" line. Pure; thread.svelte.ts calls it.

import type { Message } from "@/bindings/Message";
import type { MessageId } from "@/bindings/MessageId";
import { dayNumber, type Region } from "@/lib/time";

/** Texts of one side within this time of each other stand together. */
export const GROUP_MS = 2 * 60_000;

/** A text and how it stands to its neighbours. */
export interface Bubble {
  message: Message;
  /** When, in milliseconds since 1970. */
  at: number;
  /** Whether a day begins with it. */
  startsDay: boolean;
  /** Whether the line "new" stands above it. */
  startsUnread: boolean;
  /** Whether it continues the group above. */
  joinsAbove: boolean;
  /** Whether the group goes on below. */
  joinsBelow: boolean;
}

/** Oldest first, as the engine orders them: by time, then by id. */
export function compareMessages(a: Message, b: Message): number {
  return Date.parse(a.createdAt) - Date.parse(b.createdAt) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Works `changed` (`null`: gone) into the loaded stretch; what lies beyond it stays out until its page comes. */
export function mergeMessages(
  loaded: readonly Message[],
  changed: ReadonlyMap<MessageId, Message | null>,
  reachesStart: boolean,
  reachesNewest = true,
): Message[] {
  const kept = loaded.filter((message) => !changed.has(message.id));
  const known = new Set(loaded.map((message) => message.id));
  const oldest = loaded[0];
  const newest = loaded[loaded.length - 1];
  const fits = (message: Message) =>
    (reachesStart || oldest === undefined || compareMessages(message, oldest) > 0) &&
    (reachesNewest || newest === undefined || compareMessages(message, newest) < 0);
  for (const message of changed.values()) {
    if (message === null) continue;
    if (known.has(message.id) || fits(message)) kept.push(message);
  }
  return kept.sort(compareMessages);
}

/** An older page above the loaded stretch, each text once. */
export function prependPage(loaded: readonly Message[], page: readonly Message[]): Message[] {
  const known = new Set(loaded.map((message) => message.id));
  return [...page.filter((message) => !known.has(message.id)), ...loaded];
}

/** A newer page below the loaded stretch, each text once. */
export function appendPage(loaded: readonly Message[], page: readonly Message[]): Message[] {
  const known = new Set(loaded.map((message) => message.id));
  return [...loaded, ...page.filter((message) => !known.has(message.id))];
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

const sameSide = (a: Message, b: Message) => a.direction === b.direction && a.mine === b.mine;

/** Lays the texts out. */
export function layOut(messages: readonly Message[], unreadFrom: MessageId | null, region: Region): Bubble[] {
  const bubbles: Bubble[] = [];
  let above: Bubble | undefined;
  let dayAbove = Number.NaN;
  for (const message of messages) {
    const at = Date.parse(message.createdAt);
    const day = dayNumber(at, region);
    const startsDay = day !== dayAbove;
    const startsUnread = message.id === unreadFrom;
    const joinsAbove =
      above !== undefined &&
      !startsDay &&
      !startsUnread &&
      sameSide(above.message, message) &&
      at - above.at <= GROUP_MS &&
      above.message.failure === null;
    if (above !== undefined) above.joinsBelow = joinsAbove;
    above = { message, at, startsDay, startsUnread, joinsAbove, joinsBelow: false };
    dayAbove = day;
    bubbles.push(above);
  }
  return bubbles;
}

// Searches the fake's conversations: enough of the engine's language to look at every state of the window. How the engine really
// searches stands in crates/client/src/search.

import type { Excerpt } from "@/bindings/Excerpt";
import type { FoundContact } from "@/bindings/FoundContact";
import type { FoundMessage } from "@/bindings/FoundMessage";
import type { Message } from "@/bindings/Message";
import type { Note } from "@/bindings/Note";
import type { SearchPage } from "@/bindings/SearchPage";
import type { SearchQuery } from "@/bindings/SearchQuery";
import type { Contact, Shelf } from "./shelf";
import { labels, members } from "./team";

const CONTACTS = 8;
const DAY = 24 * 60 * 60_000;

interface Asked {
  words: string[];
  from: string[];
  within: string[];
  labels: string[];
  media: boolean;
  unread: boolean;
  before: number;
  after: number;
}

export function search(shelf: Shelf, query: SearchQuery, now: number): Omit<SearchPage, "indexing"> {
  const asked = read(query.text, now);
  const narrow = asked.media || asked.from.length + asked.within.length > 0;
  const dated = asked.before !== Infinity || asked.after !== -Infinity;
  if (asked.words.length + asked.labels.length === 0 && !narrow && !dated && !asked.unread)
    return { contacts: [], messages: [], next: null };

  const contacts =
    query.page === null && !narrow && !dated
      ? shelf
          .list({ workspaceId: null, filter: "all", labelId: null, page: null, limit: 0 })
          .flatMap((row) => foundContact(shelf.contact(row.contactId), asked) ?? [])
      : [];
  const texts = shelf.contacts
    .filter((contact) => wants(contact, asked))
    .flatMap((contact) => [
      ...contact.thread.flatMap((message) => found(contact, message, asked) ?? []),
      ...contact.notes.flatMap((note) => found(contact, note, asked) ?? []),
    ])
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  const start = query.page === null ? 0 : Number(query.page);
  const end = start + query.limit;
  return {
    contacts: contacts.slice(0, CONTACTS),
    messages: texts.slice(start, end),
    next: end < texts.length ? String(end) : null,
  };
}

function read(text: string, now: number): Asked {
  const asked: Asked = {
    words: [],
    from: [],
    within: [],
    labels: [],
    media: false,
    unread: false,
    before: Infinity,
    after: -Infinity,
  };
  for (const [piece] of text.matchAll(/[a-z]+:"[^"]*"?|"[^"]*"?|\S+/gi)) {
    const colon = piece.indexOf(":");
    const value = piece.slice(colon + 1).replaceAll('"', "");
    const name = value === "" ? "" : piece.slice(0, Math.max(0, colon)).toLowerCase();
    const time = day(value, now);
    if (name === "from") asked.from.push(value);
    else if (name === "in") asked.within.push(value);
    else if (name === "label") asked.labels.push(value);
    else if (name === "has" && value === "media") asked.media = true;
    else if (name === "is" && value === "unread") asked.unread = true;
    else if (name === "before" && !Number.isNaN(time)) asked.before = time;
    else if (name === "after" && !Number.isNaN(time)) asked.after = time;
    else if (fold(piece).trim() !== "") asked.words.push(fold(piece).trim());
  }
  return asked;
}

function day(value: string, now: number): number {
  const today = Math.floor(now / DAY) * DAY;
  if (value === "today") return today;
  if (value === "yesterday") return today - DAY;
  return /^\d{4}(-\d\d?){0,2}$/.test(value) ? Date.parse(value) : Number.NaN;
}

/** One unit for one: no mark moves. */
function fold(text: string): string {
  return Array.from(text, (character) => {
    const bare = character.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    if (bare.length === character.length) return /^[\p{P}]$/u.test(bare) ? " " : bare;
    return character;
  }).join("");
}

const isWord = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character);
const isAsian = (text: string) =>
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}]/u.test(text);

/** The text with its marks if every word is in it. */
function fit(text: string, words: readonly string[]): Excerpt | null {
  const folded = fold(text);
  const marks: Excerpt["marks"] = [];
  for (const word of words) {
    let at = -1;
    let found = false;
    while ((at = folded.indexOf(word, at + 1)) !== -1) {
      if (isWord(folded[at - 1]) && !isAsian(word)) continue;
      found = true;
      marks.push({ start: at, end: at + word.length });
    }
    if (!found) return null;
  }
  marks.sort((a, b) => a.start - b.start);
  const apart = marks.filter((mark, index) => index === 0 || mark.start >= (marks[index - 1]?.end ?? 0));
  return { text: text.replace(/\s/g, " "), marks: apart };
}

function digitsFit(phone: string, word: string): boolean {
  const digits = word.replace(/\D/g, "").replace(/^0+/, "");
  return digits.length >= 3 && phone.replace(/\D/g, "").includes(digits);
}

function called(contact: Contact, name: string): boolean {
  return fit(contact.name, [fold(name).trim()]) !== null || digitsFit(contact.phone, name);
}

function wants(contact: Contact, asked: Asked): boolean {
  const carries = (name: string) =>
    labels.some(
      (label) => contact.labels.includes(label.id) && fit(label.name, [fold(name).trim()]) !== null,
    );
  return (
    (!asked.unread || contact.unread > 0) &&
    asked.labels.every(carries) &&
    asked.within.every((name) => called(contact, name))
  );
}

function foundContact(contact: Contact | undefined, asked: Asked): FoundContact | null {
  if (!contact || !wants(contact, asked)) return null;
  const name = fit(contact.name, asked.words);
  const number = asked.words.length > 0 && digitsFit(contact.phone, asked.words.join(""));
  if (name === null && !number) return null;
  const newest = contact.thread[contact.thread.length - 1];
  return {
    contactId: contact.contactId,
    workspaceId: "01935b2e-0000-7000-8000-000000000001",
    name: name ?? { text: contact.name, marks: [] },
    phone: { text: contact.phone, marks: number ? [{ start: 0, end: contact.phone.length }] : [] },
    unreadCount: contact.unread,
    lastMessageAt: newest?.createdAt ?? null,
  };
}

function found(contact: Contact, item: Message | Note, asked: Asked): FoundMessage | null {
  const text = "direction" in item ? item : null;
  const at = Date.parse(item.createdAt);
  const hasMedia = text !== null && text.media.length > 0;
  const inbound = text?.direction === "inbound";
  const author = members.find(({ userId }) => userId === item.authorId)?.name ?? "";
  const by = (name: string) =>
    (name === "me" && item.mine) ||
    (inbound ? called(contact, name) : fit(author, [fold(name).trim()]) !== null);
  const fits = (!asked.media || hasMedia) && asked.from.every(by) && at >= asked.after && at < asked.before;
  const excerpt = fits ? fit(item.content, asked.words) : null;
  if (excerpt === null) return null;
  return {
    id: item.id,
    contactId: contact.contactId,
    name: contact.name,
    note: text === null,
    direction: inbound ? "inbound" : "outbound",
    authorId: item.authorId,
    mine: item.mine,
    hasMedia,
    createdAt: item.createdAt,
    excerpt: cutAround(excerpt),
  };
}

/** A long text is shown around its first mark. */
function cutAround({ text, marks }: Excerpt): Excerpt {
  const first = marks[0]?.start ?? 0;
  const start = first > 16 ? text.lastIndexOf(" ", first - 8) + 1 : 0;
  if (start === 0) return { text: text.slice(0, 160), marks: marks.filter((mark) => mark.end <= 160) };
  const by = 1 - start;
  return {
    text: `…${text.slice(start, start + 160)}`,
    marks: marks
      .filter((mark) => mark.start >= start && mark.end <= start + 160)
      .map((mark) => ({ start: mark.start + by, end: mark.end + by })),
  };
}

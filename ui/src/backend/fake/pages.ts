// Stretches of the fake's threads, as the engine hands them out.

import type { MessagePage } from "@/bindings/MessagePage";
import type { MessageQuery } from "@/bindings/MessageQuery";
import type { Contact } from "./shelf";

/** The page that is asked for. */
export function pageOf(contact: Contact, query: MessageQuery): MessagePage {
  const { thread } = contact;
  const place = (id: string) => thread.findIndex((message) => message.id === id);
  if (query.page?.startsWith(">")) {
    const after = place(query.page.slice(1)) + 1;
    return stretch(contact, after, after + query.limit);
  }
  const end = query.page === null ? thread.length : place(query.page);
  return stretch(contact, end - query.limit, end);
}

/** The stretch around a text, or around the first text after a note. */
export function pageAround(
  contact: Contact,
  item: { id: string; createdAt: string },
  limit: number,
): MessagePage {
  const place = contact.thread.findIndex((text) => text.id === item.id || text.createdAt > item.createdAt);
  const middle = place === -1 ? contact.thread.length - 1 : place;
  const half = Math.ceil(limit / 2);
  return stretch(contact, middle - half, middle + half + 1);
}

/** Texts from `start` to before `end` with the notes between them, as the engine hands them out. */
function stretch({ thread, notes }: Contact, start: number, end: number): MessagePage {
  const from = Math.max(0, start);
  const messages = thread.slice(from, end).map((message) => ({ ...message }));
  const last = messages[messages.length - 1];
  const since = from > 0 ? (messages[0]?.createdAt ?? "") : "";
  const until = thread[end]?.createdAt ?? "9";
  return {
    messages,
    notes: notes
      .filter(({ createdAt }) => createdAt >= since && createdAt < until)
      .map((note) => ({ ...note })),
    older: from > 0 ? (messages[0]?.id ?? null) : null,
    newer: last !== undefined && end < thread.length ? `>${last.id}` : null,
  };
}

// What the fake has beside a thread: figures of the views, a contact's files and notes, canned replies, ledgers and opt-outs.

import type { CannedReply } from "@/bindings/CannedReply";
import type { Consent } from "@/bindings/Consent";
import type { ContactCard } from "@/bindings/ContactCard";
import type { ConversationFilter } from "@/bindings/ConversationFilter";
import type { Counts } from "@/bindings/Counts";
import type { FilledReply } from "@/bindings/FilledReply";
import type { HistoryLine } from "@/bindings/HistoryLine";
import type { LedgerLine } from "@/bindings/LedgerLine";
import type { Message } from "@/bindings/Message";
import type { Storage } from "@/bindings/Storage";
import { members, ME, RAFA, replies } from "./team";
import type { Contact, Shelf } from "./shelf";

export function countsOf(shelf: Shelf, workspaceId: string | null): Counts {
  const of = (filter: ConversationFilter) => shelf.count(filter, workspaceId);
  const labels: Record<string, number> = {};
  for (const contact of shelf.contacts)
    if ((workspaceId ?? contact.workspaceId) === contact.workspaceId && isOpen(contact))
      for (const label of contact.labels) labels[label] = (labels[label] ?? 0) + 1;
  return {
    mine: of("mine"),
    unassigned: of("unassigned"),
    open: of("open"),
    unread: of("unread"),
    snoozed: of("snoozed"),
    closed: of("closed"),
    labels,
  };
}

const isOpen = ({ status }: Contact) => status === "Open" || status === "Pending";

export function cardOf({ thread, notes }: Contact): ContactCard {
  const files = thread.flatMap(({ id, createdAt, media }) =>
    media.map((file, place) => ({ messageId: id, place, createdAt, file: { ...file } })),
  );
  return { files: files.reverse().slice(0, 24), notes: notes.map((note) => ({ ...note })).reverse() };
}

/** crates/domain/src/canned.rs */
export function fill(reply: CannedReply, { name, phone, attributes }: Contact): FilledReply {
  const unnamed = name.startsWith("Unknown (");
  const values: Readonly<Record<string, string | undefined>> = {
    "contact.name": unnamed ? undefined : name,
    "contact.first_name": unnamed ? undefined : name.split(/\s+/)[0],
    "contact.phone": phone,
    "agent.name": members.find(({ userId }) => userId === ME)?.name,
    "workspace.name": "Northside Bikes",
  };
  const missing: string[] = [];
  const text = reply.content.replaceAll(/\{\{\s*([\w.]+)\s*\}\}/g, (whole, variable: string) => {
    const value = variable.startsWith("attribute.")
      ? attributes[variable.slice("attribute.".length)]
      : values[variable];
    if (value === undefined) missing.push(variable);
    return value ?? whole;
  });
  return { text, missing };
}

export const replyOf = (id: string): CannedReply | undefined => replies.find((reply) => reply.id === id);

/** As far as a text has come, in steps of a few moments. */
export function ledgerOf({ createdAt, state, failure }: Message): LedgerLine[] {
  const at = (ms: number) => new Date(Date.parse(createdAt) + ms).toISOString();
  const line = (ms: number, kind: string, status: string): LedgerLine => ({
    at: at(ms),
    kind,
    attempt: 1,
    status,
    code: null,
    explanation: null,
    by: null,
  });
  const steps = [line(420, "accepted", "queued"), line(1_300, "callback", "sent")];
  switch (state) {
    case "delivered":
      return [...steps, line(3_100, "callback", "delivered")];
    case "read":
      return [...steps, line(3_100, "callback", "delivered"), line(64_000, "callback", "read")];
    case "failed":
      return [
        ...steps.slice(0, 1),
        {
          ...line(2_900, "callback", "undelivered"),
          code: failure?.code ?? null,
          explanation: failure?.explanation ?? null,
        },
      ];
    case "unknown":
      return [line(30_000, "unknown", "sending")];
    case "sent":
      return steps;
    case "accepted":
      return steps.slice(0, 1);
    case "received":
    case "waiting":
    case "onServer":
    case "scheduled":
    case "parked":
    case "held":
    case "canceled":
      return [];
  }
}

export function consentsOf({ thread, consents }: Contact): Consent[] {
  const stop = thread.find(({ content }) => content === "STOP");
  if (stop === undefined) return [...consents];
  const before = new Date(Date.parse(stop.createdAt) - 86_400_000).toISOString();
  return [
    {
      decision: "opted_in",
      decidedBy: "agent",
      userId: RAFA,
      reason: "Signed the form in the shop",
      at: before,
    },
    { decision: "opted_out", decidedBy: "contact", userId: null, reason: null, at: stop.createdAt },
    ...consents,
  ];
}

/** What agents did, and what was decided about the contact, oldest first. */
export function historyOf(contact: Contact): HistoryLine[] {
  const decided = consentsOf(contact).map(({ at, decision, decidedBy, userId }) => ({
    at,
    kind: decision,
    decidedBy,
    by: userId,
    assignee: null,
    until: null,
  }));
  return [...contact.history, ...decided].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

export function storageOf({ contacts }: Shelf): Storage {
  const texts = contacts.reduce((sum, { thread }) => sum + thread.length, 0);
  return { bytes: 2_400_000 + texts * 610, texts, conversations: contacts.length };
}

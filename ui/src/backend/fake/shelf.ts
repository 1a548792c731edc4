// Where the fake keeps its conversations: contacts with their threads, and the rows that the list is made of.

import type { Attachment } from "@/bindings/Attachment";
import type { Consent } from "@/bindings/Consent";
import type { Conversation } from "@/bindings/Conversation";
import type { ConversationQuery } from "@/bindings/ConversationQuery";
import type { ConversationStatus } from "@/bindings/ConversationStatus";
import type { HistoryLine } from "@/bindings/HistoryLine";
import type { Message } from "@/bindings/Message";
import type { Note } from "@/bindings/Note";
import type { ReplySettings } from "@/bindings/ReplySettings";
import { histories, lineAt } from "./history";
import { extraPerson, people, type Person } from "./people";
import { Random } from "./random";
import type { Scenario } from "./scenario";
import { labels, makeNote, ME, notes, SECOND_WORKSPACE, starts, WORKSPACE } from "./team";
import { failures, makeMessage, threadOf } from "./threads";

const MINUTE = 60_000;

export interface Contact {
  slug: string;
  contactId: string;
  workspaceId: string;
  name: string;
  phone: string;
  unread: number;
  status: ConversationStatus;
  optedOut: boolean;
  /** What agents decided about it, oldest first. */
  consents: Consent[];
  /** What agents did with the conversation, oldest first. */
  history: HistoryLine[];
  canBeAnswered: boolean;
  draft: string | null;
  reply: ReplySettings;
  attachments: Attachment[];
  snoozedUntil: string | null;
  assignedTo: string | null;
  labels: string[];
  attributes: Record<string, string>;
  blocked: boolean;
  muted: boolean;
  /** Oldest first. */
  thread: Message[];
  /** Oldest first. */
  notes: Note[];
}

export class Shelf {
  readonly contacts: Contact[] = [];
  #byId = new Map<string, Contact>();
  #messages = new Map<string, Message>();

  constructor(random: Random, scenario: Scenario, now: number) {
    const none = scenario.state === "empty" || scenario.state === "leaseover";
    const wanted = none ? 0 : scenario.contacts;
    for (let i = 0; i < wanted; i++) this.#seat(random, people[i] ?? extraPerson(i), now, scenario);
    if (scenario.state === "offline") this.#leaveWaiting(random, now);
    if (scenario.state === "held") this.#holdBack(random);
  }

  contact(contactId: string): Contact | undefined {
    return this.#byId.get(contactId);
  }

  bySlug(slug: string): Contact | undefined {
    return this.contacts.find((contact) => contact.slug === slug);
  }

  message(messageId: string): Message | undefined {
    return this.#messages.get(messageId);
  }

  note(noteId: string): Note | undefined {
    return this.contacts.flatMap((contact) => contact.notes).find((note) => note.id === noteId);
  }

  add(message: Message): void {
    this.#messages.set(message.id, message);
    this.#byId.get(message.contactId)?.thread.push(message);
  }

  remove(message: Message): void {
    this.#messages.delete(message.id);
    const contact = this.#byId.get(message.contactId);
    if (contact) contact.thread = contact.thread.filter((other) => other !== message);
  }

  /** Everything of `from` becomes `into`'s. */
  merge(into: Contact, from: Contact): void {
    for (const one of [...from.thread, ...from.notes]) one.contactId = into.contactId;
    const byTime = (a: { createdAt: string }, b: { createdAt: string }) =>
      a.createdAt < b.createdAt ? -1 : 1;
    into.thread = [...into.thread, ...from.thread].sort(byTime);
    into.notes = [...into.notes, ...from.notes].sort(byTime);
    into.labels = [...new Set([...into.labels, ...from.labels])];
    into.attributes = { ...from.attributes, ...into.attributes };
    into.unread += from.unread;
    this.#byId.delete(from.contactId);
    this.contacts.splice(this.contacts.indexOf(from), 1);
  }

  /** Texts that wait on this machine, oldest first. */
  waiting(): Message[] {
    return [...this.#messages.values()].filter((message) => message.state === "waiting");
  }

  /** Texts that only this machine has, oldest first. */
  here(): Message[] {
    return [...this.#messages.values()]
      .filter(({ state }) => state === "waiting" || state === "parked" || state === "held")
      .sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  }

  /** Texts from between two moments that Twilio has. */
  since(from: number, to: number): number {
    const left = [...this.#messages.values()].filter(
      ({ state }) => state !== "waiting" && state !== "parked" && state !== "held",
    );
    return left.filter(({ createdAt }) => Date.parse(createdAt) >= from && Date.parse(createdAt) < to).length;
  }

  unread(): number {
    return this.contacts.reduce((sum, contact) => sum + contact.unread, 0);
  }

  /** Rows that the filter lets through, newest first. */
  list(query: ConversationQuery): Conversation[] {
    return this.contacts
      .filter((contact) => lets(query, contact))
      .map(rowOf)
      .sort(
        (a, b) =>
          Date.parse(b.lastMessageAt ?? "1970-01-01") - Date.parse(a.lastMessageAt ?? "1970-01-01") ||
          (a.contactId < b.contactId ? 1 : -1),
      );
  }

  /** How many rows a view has. */
  count(filter: ConversationQuery["filter"], workspaceId: string | null): number {
    const query = { workspaceId, filter, labelId: null, page: null, limit: 1 };
    return this.contacts.filter((contact) => lets(query, contact)).length;
  }

  row(contactId: string): Conversation | undefined {
    const contact = this.#byId.get(contactId);
    return contact && rowOf(contact);
  }

  /** A contact that an owner made of a number; one that is there already stays. */
  join(random: Random, phone: string, now: number): Contact {
    const known = this.contacts.find((contact) => contact.phone === phone);
    if (known) return known;
    const contact: Contact = {
      slug: phone,
      contactId: random.uuid(now),
      workspaceId: WORKSPACE,
      name: `Unknown (${phone})`,
      phone,
      unread: 0,
      status: "Open",
      optedOut: false,
      consents: [],
      history: [],
      canBeAnswered: true,
      draft: null,
      reply: { cancelOnReply: false, note: "" },
      snoozedUntil: null,
      assignedTo: null,
      labels: [],
      attributes: {},
      attachments: [],
      blocked: false,
      muted: false,
      thread: [],
      notes: [],
    };
    this.contacts.push(contact);
    this.#byId.set(contact.contactId, contact);
    return contact;
  }

  #seat(random: Random, person: Person, now: number, { history: historySize, state }: Scenario): void {
    const several = state === "teams";
    const contactId = random.uuid(now - 400 * 24 * 60 * MINUTE);
    const start = starts[person.slug];
    const contact: Contact = {
      slug: person.slug,
      contactId,
      workspaceId: several && this.contacts.length % 3 === 2 ? SECOND_WORKSPACE : WORKSPACE,
      name: person.name,
      phone: person.phone,
      unread: person.unread ?? 0,
      status: person.closed === true ? "Closed" : start?.snoozedForHours === undefined ? "Open" : "Snoozed",
      optedOut: person.optedOut ?? false,
      consents: [],
      history: (histories[person.slug] ?? []).map((line) => lineAt(line, now - person.minutesAgo * MINUTE)),
      canBeAnswered: /^\+?\d+$/.test(person.phone),
      draft: person.draft ?? null,
      reply: { cancelOnReply: false, note: "" },
      snoozedUntil:
        start?.snoozedForHours === undefined
          ? null
          : new Date(now + start.snoozedForHours * 60 * MINUTE).toISOString(),
      assignedTo: start?.assignedTo ?? null,
      labels: (start?.labels ?? []).flatMap((at) => labels[at]?.id ?? []),
      attributes: { ...start?.attributes },
      attachments: [],
      blocked: start?.blocked ?? false,
      muted: start?.muted ?? false,
      // A seed of its own, so that another person more or less leaves this thread as it is.
      thread: threadOf(
        new Random(this.contacts.length + 1),
        person,
        contactId,
        now - person.minutesAgo * MINUTE,
        historySize,
      ),
      notes: (notes[person.slug] ?? []).map(({ by, minutes, content }, index) => {
        const at = now - (person.minutesAgo + minutes) * MINUTE;
        return makeNote(new Random(700 + index).uuid(at), contactId, by, at, content);
      }),
    };
    // What the server gave up on: it is fetched again when somebody asks.
    if (person.slug === "ben-thompson")
      for (const { media } of contact.thread)
        for (const file of media)
          Object.assign(file, { isThere: false, problem: "Twilio no longer had this file." });
    this.contacts.push(contact);
    this.#byId.set(contactId, contact);
    for (const message of contact.thread) this.#messages.set(message.id, message);
  }

  #leaveWaiting(random: Random, now: number): void {
    const maya = this.bySlug("maya-lindqvist");
    if (!maya) return;
    maya.unread = 0;
    for (const [ago, text] of [
      [70_000, "No problem at all, we will wait for you."],
      [40_000, "The side door is open if the front is locked already."],
    ] as const)
      this.add(makeMessage(random, maya.contactId, now - ago, { who: "me", text, state: "waiting" }));
  }

  /** Written before the contact's newest text, and not sent since. */
  #holdBack(random: Random): void {
    const thread = this.bySlug("maya-lindqvist")?.thread;
    const newest = thread?.[thread.length - 1];
    if (!thread || !newest) return;
    const held = makeMessage(random, newest.contactId, Date.parse(newest.createdAt) - 30_000, {
      who: "me",
      text: "Then let us say tomorrow morning.",
      state: "held",
      failure: failures.held,
    });
    thread.splice(-1, 0, held);
    this.#messages.set(held.id, held);
  }
}

function lets({ workspaceId, filter, labelId }: ConversationQuery, contact: Contact): boolean {
  if (workspaceId !== null && workspaceId !== contact.workspaceId) return false;
  if (labelId !== null && !contact.labels.includes(labelId)) return false;
  const open = contact.status === "Open" || contact.status === "Pending";
  switch (filter) {
    case "open":
      return open;
    case "mine":
      return open && contact.assignedTo === ME;
    case "unassigned":
      return open && contact.assignedTo === null;
    case "unread":
      return contact.unread > 0;
    case "snoozed":
      return contact.status === "Snoozed";
    case "closed":
      return contact.status === "Closed";
    case "all":
      return true;
  }
}

function rowOf(contact: Contact): Conversation {
  const newest = contact.thread[contact.thread.length - 1];
  return {
    contactId: contact.contactId,
    workspaceId: contact.workspaceId,
    name: contact.name,
    phone: contact.phone,
    unreadCount: contact.unread,
    status: contact.status,
    snoozedUntil: contact.snoozedUntil,
    assignedTo: contact.assignedTo,
    labels: contact.labels,
    attributes: contact.attributes,
    blocked: contact.blocked,
    muted: contact.muted,
    optedOut: contact.optedOut,
    canBeAnswered: contact.canBeAnswered,
    lastMessageAt: newest?.createdAt ?? null,
    preview: newest
      ? {
          text: newest.content.replaceAll(/\s+/g, " ").slice(0, 200),
          direction: newest.direction,
          mine: newest.mine,
          hasMedia: newest.media.length > 0,
          mediaType: newest.media[0]?.contentType ?? null,
          state: newest.state,
        }
      : null,
    draft: contact.draft,
    reply: contact.reply,
    attachments: contact.attachments,
    hasFailure: contact.thread.slice(-40).some(({ state }) => ["failed", "parked", "held"].includes(state)),
  };
}

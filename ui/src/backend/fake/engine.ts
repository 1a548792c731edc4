// What goes on in the fake: people who text, deliveries, comparisons; and what tests and the browser console can do to it.
//
// desk.ts answers the window from here.

import type { Audit } from "@/bindings/Audit";
import type { ClientEvent } from "@/bindings/ClientEvent";
import type { Connection } from "@/bindings/Connection";
import type { Focus } from "@/bindings/Focus";
import type { GoesOutFrom } from "@/bindings/GoesOutFrom";
import type { HoldConditions } from "@/bindings/HoldConditions";
import type { LocalCopy } from "@/bindings/LocalCopy";
import type { Message } from "@/bindings/Message";
import type { Indexing } from "@/bindings/Indexing";
import type { ReplySettings } from "@/bindings/ReplySettings";
import type { Session } from "@/bindings/Session";
import { Acting } from "./acting";
import { FakeAdmin } from "./admin";
import { ManualClock, type Clock } from "./clock";
import { FakeColleagues } from "./colleagues";
import { connectionAtStart } from "./connection";
import { FakeDirect } from "./direct";
import { Files } from "./files";
import { Lifecycle } from "./lifecycle";
import { localCopyAtStart } from "./local-copy";
import { Preferences } from "./preferences";
import { Random } from "./random";
import { SERVER } from "./refusals";
import type { Scenario } from "./scenario";
import { answers, openers } from "./scripts";
import { makeMessage } from "./threads";
import { Shelf, type Contact } from "./shelf";
import { sessionAtStart } from "./session";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** What the workshop sends from. */
const OURS = "+12065550100";
/** Wrote to a number that the workshop no longer has. */
const NEWCOMER = "kwame-mensah";

export class FakeEngine {
  readonly shelf: Shelf;
  readonly admin: FakeAdmin;
  readonly direct: FakeDirect;
  readonly focusHistory: Focus[] = [];
  /** The picture on the system's clipboard. */
  clipboard: Blob | null = null;
  protected clock: Clock;
  protected random = new Random(20261122);
  protected lifecycle: Lifecycle;
  protected handlers: ((event: ClientEvent) => void)[] = [];
  protected ready = false;
  protected sessionNow: Session;
  protected connectionNow: Connection;
  protected auditNow: Audit | null = null;
  protected localCopyNow: LocalCopy;
  protected indexingNow: Indexing | null = null;
  protected scenario: Scenario;
  protected acting: Acting;
  protected preferences = new Preferences();
  protected colleaguesNow: FakeColleagues;
  protected hold: HoldConditions = { contactWrote: true, colleagueAnswered: true, olderThanMinutes: 240 };
  protected account = 0;
  protected restarted = false;
  protected files: Files;

  constructor(scenario: Scenario, clock: Clock) {
    this.scenario = scenario;
    this.clock = clock;
    this.shelf = new Shelf(this.random, scenario, clock.now());
    this.files = new Files(this.random);
    this.admin = new FakeAdmin(scenario.state !== "notwilio", this.shelf, (phone) => {
      this.joinLater(phone);
    });
    this.direct = new FakeDirect(scenario.state === "direct");
    this.lifecycle = new Lifecycle(clock, this.shelf, {
      online: () => this.isOnline(),
      changed: (message) => {
        this.changed(message);
      },
      answered: (contact) => {
        this.answerLater(contact);
      },
    });
    this.sessionNow = sessionAtStart(scenario, SERVER);
    this.connectionNow = connectionAtStart(scenario.state, this.shelf.waiting().length, clock.now());
    this.localCopyNow = localCopyAtStart(scenario.state);
    for (const message of this.shelf.waiting()) this.lifecycle.follow(message);
    if (!scenario.manualClock) this.letPeopleText();
    if (this.connectionNow.state === "syncing") this.syncOn();
    this.auditNow = this.compare(clock.now() - 3 * MINUTE);
    this.compareLater(2 * MINUTE);
    this.acting = new Acting(clock, this.random, this.shelf, (event) => {
      this.emit(event);
    });
    this.colleaguesNow = new FakeColleagues(clock, () => {
      this.emit({ type: "colleaguesChanged" });
    });
    if (scenario.state === "takenback") this.acting.takeBackOne();
  }

  // What tests and the browser console can do

  /** Moves a manual clock on. */
  advance(ms: number): void {
    if (this.clock instanceof ManualClock) this.clock.advance(ms);
  }

  /** Lets the contact `slug` text us. Answers with the id of the text. */
  receive(slug: string, text: string): string {
    const contact = this.named(slug);
    const message = makeMessage(this.random, contact.contactId, this.clock.now(), { who: "in", text });
    this.shelf.add(message);
    contact.unread += 1;
    contact.status = contact.status === "Closed" || contact.status === "Snoozed" ? "Open" : contact.status;
    this.changed(message);
    this.emit({ type: "received", contactId: contact.contactId, messageIds: [message.id] });
    this.emit({ type: "unreadChanged", total: this.shelf.unread() });
    return message.id;
  }

  /** Lets a colleague look at the conversation of `slug`, write in it, or leave it. */
  colleague(userId: string, slug: string, does: "viewing" | "typing" | "gone"): void {
    this.colleaguesNow.let(userId, this.named(slug), does);
  }

  /** Lets a colleague answer the contact `slug`. Answers with the id of the text. */
  answerAs(userId: string, slug: string, text: string): string {
    const { contactId } = this.named(slug);
    const message = makeMessage(this.random, contactId, this.clock.now(), {
      who: "team",
      text,
      state: "sent",
    });
    message.authorId = userId;
    this.shelf.add(message);
    this.changed(message);
    return message.id;
  }

  /** Lets the agent edit the draft to `slug` at another desktop. */
  editElsewhere(slug: string, text: string): void {
    const contact = this.named(slug);
    contact.draft = text === "" ? null : text;
    this.emit({ type: "draftChanged", contactId: contact.contactId });
    this.emit({ type: "conversationsChanged", contactIds: [contact.contactId] });
  }

  /** Lets the agent write a note beside the conversation with `slug` at another desktop, and set what stands there. */
  setElsewhere(slug: string, reply: ReplySettings): void {
    const contact = this.named(slug);
    contact.reply = { ...reply };
    this.emit({ type: "draftChanged", contactId: contact.contactId });
    this.emit({ type: "conversationsChanged", contactIds: [contact.contactId] });
  }

  /** Lets the agent attach a picture to the draft to `slug` at another desktop. */
  attachElsewhere(slug: string, name: string): void {
    const contact = this.named(slug);
    this.files.expect(contact, name, this.clock.now());
    this.emit({ type: "conversationsChanged", contactIds: [contact.contactId] });
  }

  /** What was attached to it there has been fetched. */
  arriveFromElsewhere(slug: string): void {
    const contact = this.named(slug);
    this.files.arrive(contact);
    this.emit({ type: "conversationsChanged", contactIds: [contact.contactId] });
  }

  /** Lets the agent take every file away from the draft to `slug` at another desktop. */
  detachElsewhere(slug: string): void {
    const contact = this.named(slug);
    contact.attachments = [];
    this.emit({ type: "conversationsChanged", contactIds: [contact.contactId] });
  }

  /** How many things that the agent did the server has not heard of. */
  setUntold(actions: number): void {
    this.acting.waiting = actions;
  }

  /** The server says no to whatever the agent does next. */
  refuseNext(reason: string): void {
    this.acting.refusal = reason;
  }

  /** Cuts or restores the connection. */
  setConnection(connection: Connection): void {
    this.connectionNow = connection;
    this.emit({ type: "connectionChanged", connection });
    this.lifecycle.wake();
  }

  /** Lets something happen to what this machine keeps. */
  setLocalCopy(copy: LocalCopy): void {
    this.localCopyNow = copy;
    this.emit({ type: "localCopyChanged" });
  }

  /** Lets a comparison with Twilio come to something else. */
  setAudit(audit: Audit | null): void {
    this.auditNow = audit;
    this.emit({ type: "auditChanged" });
  }

  /** Lets the search index be behind, or complete. */
  setIndexing(indexing: Indexing | null): void {
    this.indexingNow = indexing;
    this.emit({ type: "searchIndexing", indexing });
  }

  /** Ends the session as a server does that no longer takes the token. */
  expire(): void {
    if (this.sessionNow.state !== "signedIn") return;
    this.sessionNow = { ...this.sessionNow, expired: true };
    this.connectionNow = { state: "signedOut" };
    this.emit({ type: "sessionChanged" });
    this.emit({ type: "connectionChanged", connection: this.connectionNow });
  }

  protected named(slug: string): Contact {
    const contact = this.shelf.bySlug(slug);
    if (!contact) throw new RangeError(`nobody is called ${slug}`);
    return contact;
  }

  protected from(contact: Contact): GoesOutFrom {
    if (!this.admin.isConnected) return { type: "nothing" };
    return { type: "number", number: OURS, isNew: contact.slug === NEWCOMER };
  }

  emit(event: ClientEvent): void {
    if (!this.ready) return;
    // As over a process border: the handler runs after the caller is done.
    queueMicrotask(() => {
      for (const handler of this.handlers) handler(event);
    });
  }

  /** The feed brings the contact a moment after the server has it. */
  protected joinLater(phone: string): void {
    this.clock.after(300, () => {
      const { contactId } = this.shelf.join(this.random, phone, this.clock.now());
      this.emit({ type: "conversationsChanged", contactIds: [contactId] });
    });
  }

  protected changed(message: Message): void {
    this.emit({ type: "messagesChanged", contactId: message.contactId, messageIds: [message.id] });
    this.emit({ type: "conversationsChanged", contactIds: [message.contactId] });
  }

  protected tellWaiting(): void {
    if (this.connectionNow.state !== "offline") return;
    this.connectionNow = { ...this.connectionNow, waiting: this.shelf.waiting().length };
    this.emit({ type: "connectionChanged", connection: this.connectionNow });
  }

  protected answerLater(contact: Contact): void {
    if (this.scenario.manualClock || contact.optedOut) return;
    this.clock.after(this.random.between(3_000, 9_000), () => {
      this.receive(contact.slug, this.random.pick(answers));
    });
  }

  protected letPeopleText(): void {
    this.clock.after(this.random.between(20_000, 45_000), () => {
      const open = this.shelf.contacts.filter((contact) => contact.canBeAnswered && !contact.optedOut);
      if (open.length > 0 && this.connectionNow.state === "live")
        this.receive(this.random.pick(open).slug, this.random.pick(openers));
      this.letPeopleText();
    });
  }

  protected compare(now: number): Audit {
    const texts = this.shelf.since(now - DAY, now);
    return { twilio: texts, here: texts, checkedAt: new Date(now).toISOString() };
  }

  /** Every five minutes, as the server does; a desk without a connection does not hear of it. */
  protected compareLater(wait: number): void {
    this.clock.after(wait, () => {
      if (this.connectionNow.state === "live") this.setAudit(this.compare(this.clock.now()));
      this.compareLater(5 * MINUTE);
    });
  }

  protected syncOn(): void {
    this.clock.after(700, () => {
      if (this.connectionNow.state !== "syncing") return;
      const done = this.connectionNow.done + 640;
      const { total } = this.connectionNow;
      this.setConnection(done >= total ? { state: "live" } : { state: "syncing", done, total });
      if (done >= total) this.setLocalCopy({ ...this.localCopyNow, rebuilding: null });
      this.syncOn();
    });
  }

  protected isOnline(): boolean {
    return this.connectionNow.state === "live" || this.connectionNow.state === "syncing";
  }
}

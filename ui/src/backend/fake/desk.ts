// The fake engine: keeps conversations in memory and answers as the real one does, events included.

import type { AccountView } from "@/bindings/AccountView";
import type { Action } from "@/bindings/Action";
import type { Attachment } from "@/bindings/Attachment";
import type { Audit } from "@/bindings/Audit";
import type { Claim } from "@/bindings/Claim";
import type { ClientEvent } from "@/bindings/ClientEvent";
import type { Colleagues } from "@/bindings/Colleagues";
import type { Connection } from "@/bindings/Connection";
import type { Conversation } from "@/bindings/Conversation";
import type { ConversationPage } from "@/bindings/ConversationPage";
import type { ConversationQuery } from "@/bindings/ConversationQuery";
import type { DesktopSettings } from "@/bindings/DesktopSettings";
import type { Focus } from "@/bindings/Focus";
import type { GoesOutFrom } from "@/bindings/GoesOutFrom";
import type { HoldConditions } from "@/bindings/HoldConditions";
import type { LocalCopy } from "@/bindings/LocalCopy";
import type { MediaView } from "@/bindings/MediaView";
import type { Message } from "@/bindings/Message";
import type { MessagePage } from "@/bindings/MessagePage";
import type { MessageQuery } from "@/bindings/MessageQuery";
import type { Indexing } from "@/bindings/Indexing";
import type { Refusal } from "@/bindings/Refusal";
import type { SearchPage } from "@/bindings/SearchPage";
import type { SearchQuery } from "@/bindings/SearchQuery";
import type { NetworkSettings } from "@/bindings/NetworkSettings";
import type { NetworkWish } from "@/bindings/NetworkWish";
import type { Note } from "@/bindings/Note";
import type { Outlook } from "@/bindings/Outlook";
import type { NotificationSettings } from "@/bindings/NotificationSettings";
import type { Session } from "@/bindings/Session";
import type { SignIn } from "@/bindings/SignIn";
import type { TakenBack } from "@/bindings/TakenBack";
import type { Team } from "@/bindings/Team";
import type { Unsent } from "@/bindings/Unsent";
import type { Backend, NamedFile } from "../backend";
import { CommandError } from "../errors";
import { Acting } from "./acting";
import { ManualClock, type Clock } from "./clock";
import { FakeColleagues } from "./colleagues";
import { Files } from "./files";
import { Lifecycle } from "./lifecycle";
import { localCopyAtStart } from "./local-copy";
import { outlook, refusalOf, type Outgoing } from "./outlook";
import { diagnosticsOf, Preferences, SECOND } from "./preferences";
import { Random } from "./random";
import type { Scenario } from "./scenario";
import { search } from "./search";
import { answers, openers } from "./scripts";
import { makeMessage } from "./threads";
import { Shelf, type Contact } from "./shelf";
import { team, WORKSPACE } from "./team";
import { checkSignIn, sessionAtStart, signedIn, signedOut } from "./session";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const FIRST = "nora@northside-bikes.example";
/** What the workshop sends from. */
const OURS = "+12065550100";
/** Wrote to a number that the workshop no longer has. */
const NEWCOMER = "kwame-mensah";
const SERVER = "https://desk.northside-bikes.example";

export class FakeDesk implements Backend {
  readonly shelf: Shelf;
  readonly focusHistory: Focus[] = [];
  /** The picture on the system's clipboard. */
  clipboard: Blob | null = null;
  #clock: Clock;
  #random = new Random(20261122);
  #lifecycle: Lifecycle;
  #handlers: ((event: ClientEvent) => void)[] = [];
  #ready = false;
  #session: Session;
  #connection: Connection;
  #audit: Audit | null = null;
  #localCopy: LocalCopy;
  #indexing: Indexing | null = null;
  #scenario: Scenario;
  #acting: Acting;
  #preferences = new Preferences();
  #colleagues: FakeColleagues;
  #hold: HoldConditions = { contactWrote: true, colleagueAnswered: true, olderThanMinutes: 240 };
  #account = 0;
  #files: Files;

  constructor(scenario: Scenario, clock: Clock) {
    this.#scenario = scenario;
    this.#clock = clock;
    this.shelf = new Shelf(this.#random, scenario, clock.now());
    this.#files = new Files(this.#random);
    this.#lifecycle = new Lifecycle(clock, this.shelf, {
      online: () => this.#connection.state === "live" || this.#connection.state === "syncing",
      changed: (message) => {
        this.#changed(message);
      },
      answered: (contact) => {
        this.#answerLater(contact);
      },
    });
    this.#session = sessionAtStart(scenario.state, SERVER);
    this.#connection = this.#connectionAtStart();
    this.#localCopy = localCopyAtStart(scenario.state);
    for (const message of this.shelf.waiting()) this.#lifecycle.follow(message);
    if (!scenario.manualClock) this.#letPeopleText();
    if (this.#connection.state === "syncing") this.#syncOn();
    this.#audit = this.#compare(clock.now() - 3 * MINUTE);
    this.#compareLater(2 * MINUTE);
    this.#acting = new Acting(clock, this.#random, this.shelf, (event) => {
      this.#emit(event);
    });
    this.#colleagues = new FakeColleagues(clock, () => {
      this.#emit({ type: "colleaguesChanged" });
    });
    if (scenario.state === "takenback") this.#acting.takeBackOne();
  }

  // Session

  session(): Promise<Session> {
    return Promise.resolve(this.#session);
  }

  signIn(request: SignIn): Promise<Session> {
    return new Promise((resolve, reject) => {
      this.#clock.after(400, () => {
        const refusal = checkSignIn(request);
        if (refusal) {
          reject(refusal);
          return;
        }
        this.#session = signedIn(request.server, request.email);
        this.#connection = { state: "live" };
        this.#emit({ type: "sessionChanged" });
        this.#emit({ type: "connectionChanged", connection: this.#connection });
        this.#lifecycle.wake();
        resolve(this.#session);
      });
    });
  }

  signOut(): Promise<void> {
    this.#session = signedOut(this.#session);
    this.#connection = { state: "signedOut" };
    this.#emit({ type: "sessionChanged" });
    this.#emit({ type: "connectionChanged", connection: this.#connection });
    return Promise.resolve();
  }

  accounts(): Promise<AccountView[]> {
    const current = this.#account === 0;
    const gone = current && this.#session.state === "signedOut";
    const first = {
      id: 0,
      email: gone ? null : FIRST,
      server: gone ? null : SERVER,
      unread: this.shelf.unread(),
      current,
    };
    if (this.#scenario.state !== "accounts") return Promise.resolve([first]);
    return Promise.resolve([first, { ...SECOND, current: this.#account === SECOND.id }]);
  }

  switchAccount(id: number): Promise<void> {
    const server = id === SECOND.id ? (SECOND.server ?? SERVER) : SERVER;
    const email = id === SECOND.id ? (SECOND.email ?? "") : FIRST;
    this.#account = id;
    this.#session = signedIn(server, email);
    this.#emit({ type: "accountSwitched" });
    return Promise.resolve();
  }

  addAccount(): Promise<void> {
    this.#account = 2;
    this.#session = { state: "signedOut", lastServer: null, lastEmail: null };
    this.#emit({ type: "accountSwitched" });
    return Promise.resolve();
  }

  leaveAccount(): Promise<void> {
    if (this.#scenario.state !== "accounts") return Promise.resolve();
    return this.switchAccount(this.#account === SECOND.id ? 0 : SECOND.id);
  }

  connection(): Promise<Connection> {
    return Promise.resolve(this.#connection);
  }

  audit(): Promise<Audit | null> {
    return Promise.resolve(this.#audit);
  }

  localCopy(): Promise<LocalCopy> {
    return Promise.resolve(this.#localCopy);
  }

  dismissNotice(id: number): Promise<void> {
    const notices = this.#localCopy.notices.filter((notice) => notice.id !== id);
    this.setLocalCopy({ ...this.#localCopy, notices });
    return Promise.resolve();
  }

  // Reading

  conversations(query: ConversationQuery): Promise<ConversationPage> {
    const rows = this.shelf.list(query);
    const start = query.page === null ? 0 : rows.findIndex((row) => row.contactId === query.page) + 1;
    const page = rows.slice(start, start + query.limit);
    const more = start + page.length < rows.length;
    return Promise.resolve({
      conversations: page,
      next: more ? (page[page.length - 1]?.contactId ?? null) : null,
    });
  }

  conversation(contactId: string): Promise<Conversation> {
    const row = this.shelf.row(contactId);
    return row ? Promise.resolve(row) : Promise.reject(notFound("conversation"));
  }

  messages(query: MessageQuery): Promise<MessagePage> {
    const contact = this.shelf.contact(query.contactId);
    if (!contact) return Promise.reject(notFound("conversation"));
    const { thread } = contact;
    const place = (id: string) => thread.findIndex((message) => message.id === id);
    if (query.page?.startsWith(">")) {
      const after = place(query.page.slice(1)) + 1;
      return Promise.resolve(stretch(contact, after, after + query.limit));
    }
    const end = query.page === null ? thread.length : place(query.page);
    return Promise.resolve(stretch(contact, end - query.limit, end));
  }

  messagesAround(id: string, limit: number): Promise<MessagePage> {
    const item = this.shelf.message(id) ?? this.shelf.note(id);
    const contact = item && this.shelf.contact(item.contactId);
    if (!contact) return Promise.reject(notFound("message"));
    // Around a note: around the first text after it.
    const place = contact.thread.findIndex((text) => text.id === id || text.createdAt > item.createdAt);
    const middle = place === -1 ? contact.thread.length - 1 : place;
    const half = Math.ceil(limit / 2);
    return Promise.resolve(stretch(contact, middle - half, middle + half + 1));
  }

  search(query: SearchQuery): Promise<SearchPage> {
    return Promise.resolve({ ...search(this.shelf, query, this.#clock.now()), indexing: this.#indexing });
  }

  message(messageId: string): Promise<Message> {
    const message = this.shelf.message(messageId);
    return message ? Promise.resolve({ ...message }) : Promise.reject(notFound("message"));
  }

  note(noteId: string): Promise<Note> {
    const note = this.shelf.note(noteId);
    return note ? Promise.resolve({ ...note }) : Promise.reject(notFound("note"));
  }

  team(): Promise<Team> {
    return Promise.resolve(team());
  }

  takenBack(): Promise<TakenBack[]> {
    return Promise.resolve([...this.#acting.takenBack]);
  }

  unreadCount(): Promise<number> {
    return Promise.resolve(this.shelf.unread());
  }

  // Writing

  sendMessage(contactId: string, text: string, attachmentIds: string[]): Promise<Message> {
    const contact = this.shelf.contact(contactId);
    if (!contact) return Promise.reject(notFound("conversation"));
    const refusal = refused(outgoing(contact, text, attachmentIds.length));
    if (refusal) return Promise.reject(refusal);
    if (this.#localCopy.diskFull) return Promise.reject(diskFull());
    const message = makeMessage(this.#random, contactId, this.#clock.now(), {
      who: "me",
      text,
      state: "waiting",
    });
    this.#files.send(contact, attachmentIds, message);
    this.shelf.add(message);
    // The engine clears the draft in the same transaction.
    contact.draft = null;
    this.#colleagues.typing(contact, true);
    this.#changed(message);
    this.#tellWaiting();
    this.#lifecycle.follow(message);
    return Promise.resolve({ ...message });
  }

  retry(messageId: string): Promise<void> {
    const message = this.shelf.message(messageId);
    if (!message) return Promise.reject(notFound("message"));
    if (message.failure?.canRetry !== true)
      return Promise.reject(new CommandError("alreadySent", "This text has left already."));
    message.state = "waiting";
    message.failure = null;
    this.#changed(message);
    this.#lifecycle.follow(message);
    return Promise.resolve();
  }

  discard(messageId: string): Promise<void> {
    const message = this.shelf.message(messageId);
    if (!message) return Promise.reject(notFound("message"));
    if (!neverLeft(message))
      return Promise.reject(new CommandError("alreadySent", "This text has left already."));
    this.shelf.remove(message);
    this.#changed(message);
    this.#tellWaiting();
    return Promise.resolve();
  }

  async takeBack(messageId: string): Promise<string> {
    const message = this.shelf.message(messageId);
    const contact = message && this.shelf.contact(message.contactId);
    // One that failed on the server stays there, and is begun anew.
    if (message?.state !== "failed") await this.discard(messageId);
    if (!message || !contact) throw notFound("message");
    this.#files.takeBack(contact, message);
    contact.draft = [message.content, contact.draft].filter((part) => part).join("\n") || null;
    return contact.draft ?? "";
  }

  callOff(messageId: string): Promise<void> {
    const message = this.shelf.message(messageId);
    if (!message) return Promise.reject(notFound("message"));
    if (this.#connection.state !== "live") return Promise.reject(unreachable());
    if (message.state !== "onServer") return Promise.reject(leaving());
    this.#lifecycle.stop(message);
    message.state = "canceled";
    this.#changed(message);
    return Promise.resolve();
  }

  holdConditions(): Promise<HoldConditions> {
    return Promise.resolve({ ...this.#hold });
  }

  setHoldConditions(conditions: HoldConditions): Promise<void> {
    this.#hold = { ...conditions };
    return Promise.resolve();
  }

  unsent(): Promise<Unsent> {
    return Promise.resolve({ texts: this.shelf.waiting().length, actions: this.#acting.waiting });
  }

  colleagues(): Promise<Colleagues> {
    return Promise.resolve(this.#colleagues.value);
  }

  setAway(away: boolean): Promise<void> {
    this.#colleagues.setAway(away);
    return Promise.resolve();
  }

  typing(contactId: string, blank: boolean): Promise<void> {
    const contact = this.shelf.contact(contactId);
    if (contact) this.#colleagues.typing(contact, blank);
    return Promise.resolve();
  }

  claim(contactId: string): Promise<Claim | null> {
    const contact = this.shelf.contact(contactId);
    return Promise.resolve(contact ? this.#colleagues.claim(contact) : null);
  }

  markRead(contactId: string): Promise<void> {
    const contact = this.shelf.contact(contactId);
    if (!contact || contact.unread === 0) return Promise.resolve();
    return this.perform(WORKSPACE, { type: "markRead", contactId, upTo: null });
  }

  perform(workspaceId: string, action: Action): Promise<void> {
    return attempt(() => this.#acting.perform(workspaceId, action));
  }

  addNote(contactId: string, content: string): Promise<Note> {
    return attempt(() => this.#acting.addNote(contactId, content));
  }

  createLabel(): Promise<string> {
    return attempt(() => this.#acting.createLabel());
  }

  dismissTakenBack(commandId: string): Promise<void> {
    return attempt(() => this.#acting.dismiss(commandId));
  }

  // Files

  attach(contactId: string, file: NamedFile): Promise<Attachment> {
    return attempt(() => {
      const contact = this.shelf.contact(contactId);
      if (!contact) throw notFound("conversation");
      const attachment = this.#files.attach(contact, file, this.#clock.now());
      this.#emit({ type: "conversationsChanged", contactIds: [contactId] });
      return attachment;
    });
  }

  attachClipboard(contactId: string): Promise<Attachment | null> {
    const content = this.clipboard;
    if (content === null) return Promise.resolve(null);
    return this.attach(contactId, { name: "Pasted picture.png", type: "image/png", content });
  }

  detach(attachmentId: string): Promise<void> {
    return attempt(() => {
      const contact = this.#files.detach(this.shelf.contacts, attachmentId);
      if (contact === null) throw notFound("file");
      this.#emit({ type: "conversationsChanged", contactIds: [contact.contactId] });
    });
  }

  loadPicture(messageId: string, place: number): Promise<MediaView> {
    return attempt(() => {
      const file = this.shelf.message(messageId)?.media[place];
      if (!file) throw notFound("file");
      if (this.#connection.state === "offline" && !this.#files.isHere(messageId))
        throw new CommandError(
          "unreachable",
          `The server at ${SERVER} cannot be reached: nothing answers at this address. Check the address and your connection.`,
        );
      this.#files.pictureUrl(messageId, place);
      return { ...file };
    });
  }

  pictureUrl(messageId: string, place: number): string {
    return this.#files.pictureUrl(messageId, place);
  }

  attachmentUrl(attachmentId: string): string {
    return this.#files.attachmentUrl(attachmentId);
  }

  saveFile(messageId: string, place: number): Promise<string> {
    const file = this.shelf.message(messageId)?.media[place];
    return file
      ? Promise.resolve(`/home/nora/Downloads/${file.name ?? `deskline-${String(place + 1)}`}`)
      : Promise.reject(notFound("file"));
  }

  saveDraft(contactId: string, text: string): Promise<void> {
    const contact = this.shelf.contact(contactId);
    if (contact) {
      contact.draft = text === "" ? null : text;
      this.#emit({ type: "conversationsChanged", contactIds: [contactId] });
    }
    return Promise.resolve();
  }

  outlook(contactId: string, text: string): Promise<Outlook> {
    const contact = this.shelf.contact(contactId);
    if (!contact) return Promise.reject(notFound("contact"));
    return Promise.resolve(outlook(outgoing(contact, text), this.#from(contact), this.#clock.now()));
  }

  setFocus(focus: Focus): Promise<void> {
    this.focusHistory.push(focus);
    return Promise.resolve();
  }

  // Settings

  notificationSettings(): Promise<NotificationSettings> {
    return Promise.resolve(this.#preferences.notifications);
  }

  setNotificationSettings(settings: NotificationSettings): Promise<void> {
    if (this.#localCopy.diskFull) return Promise.reject(diskFull());
    this.#preferences.notifications = settings;
    this.#emit({ type: "notificationSettingsChanged" });
    return Promise.resolve();
  }

  setMuted(contactId: string, muted: boolean): Promise<void> {
    const contact = this.shelf.contact(contactId);
    if (!contact) return Promise.reject(notFound("contact"));
    contact.muted = muted;
    this.#emit({ type: "conversationsChanged", contactIds: [contactId] });
    return Promise.resolve();
  }

  desktopSettings(): Promise<DesktopSettings> {
    return Promise.resolve(this.#preferences.desktop);
  }

  setDesktopSettings(settings: DesktopSettings): Promise<void> {
    this.#preferences.desktop = settings;
    return Promise.resolve();
  }

  networkSettings(): Promise<NetworkSettings> {
    return Promise.resolve(this.#preferences.network);
  }

  setNetworkSettings(wish: NetworkWish): Promise<void> {
    return attempt(() => this.#preferences.setNetwork(wish));
  }

  diagnostics(): Promise<string> {
    return Promise.resolve(diagnosticsOf(this.shelf, this.#connection.state, this.#clock.now()));
  }

  onEvent(handler: (event: ClientEvent) => void): Promise<void> {
    this.#handlers.push(handler);
    return Promise.resolve();
  }

  uiReady(): Promise<void> {
    this.#ready = true;
    const wanted = this.#scenario.open;
    const contact = wanted === null ? undefined : this.shelf.bySlug(wanted);
    if (contact) this.#emit({ type: "openConversation", contactId: contact.contactId });
    return Promise.resolve();
  }

  now(): number {
    return this.#clock.now();
  }

  // What tests and the browser console can do

  /** Moves a manual clock on. */
  advance(ms: number): void {
    if (this.#clock instanceof ManualClock) this.#clock.advance(ms);
  }

  /** Lets the contact `slug` text us. Answers with the id of the text. */
  receive(slug: string, text: string): string {
    const contact = this.#bySlug(slug);
    const message = makeMessage(this.#random, contact.contactId, this.#clock.now(), { who: "in", text });
    this.shelf.add(message);
    contact.unread += 1;
    contact.status = contact.status === "Closed" || contact.status === "Snoozed" ? "Open" : contact.status;
    this.#changed(message);
    this.#emit({ type: "received", contactId: contact.contactId, messageIds: [message.id] });
    this.#emit({ type: "unreadChanged", total: this.shelf.unread() });
    return message.id;
  }

  /** Lets a colleague look at the conversation of `slug`, write in it, or leave it. */
  colleague(userId: string, slug: string, does: "viewing" | "typing" | "gone"): void {
    this.#colleagues.let(userId, this.#bySlug(slug), does);
  }

  /** Lets a colleague answer the contact `slug`. Answers with the id of the text. */
  answerAs(userId: string, slug: string, text: string): string {
    const { contactId } = this.#bySlug(slug);
    const message = makeMessage(this.#random, contactId, this.#clock.now(), {
      who: "team",
      text,
      state: "sent",
    });
    message.authorId = userId;
    this.shelf.add(message);
    this.#changed(message);
    return message.id;
  }

  /** Lets the agent edit the draft to `slug` at another desktop. */
  editElsewhere(slug: string, text: string): void {
    const contact = this.#bySlug(slug);
    contact.draft = text === "" ? null : text;
    this.#emit({ type: "draftChanged", contactId: contact.contactId });
    this.#emit({ type: "conversationsChanged", contactIds: [contact.contactId] });
  }

  /** How many things that the agent did the server has not heard of. */
  setUntold(actions: number): void {
    this.#acting.waiting = actions;
  }

  /** The server says no to whatever the agent does next. */
  refuseNext(reason: string): void {
    this.#acting.refusal = reason;
  }

  /** Cuts or restores the connection. */
  setConnection(connection: Connection): void {
    this.#connection = connection;
    this.#emit({ type: "connectionChanged", connection });
    this.#lifecycle.wake();
  }

  /** Lets something happen to what this machine keeps. */
  setLocalCopy(copy: LocalCopy): void {
    this.#localCopy = copy;
    this.#emit({ type: "localCopyChanged" });
  }

  /** Lets a comparison with Twilio come to something else. */
  setAudit(audit: Audit | null): void {
    this.#audit = audit;
    this.#emit({ type: "auditChanged" });
  }

  /** Lets the search index be behind, or complete. */
  setIndexing(indexing: Indexing | null): void {
    this.#indexing = indexing;
    this.#emit({ type: "searchIndexing", indexing });
  }

  /** Ends the session as a server does that no longer takes the token. */
  expire(): void {
    if (this.#session.state !== "signedIn") return;
    this.#session = { ...this.#session, expired: true };
    this.#connection = { state: "signedOut" };
    this.#emit({ type: "sessionChanged" });
    this.#emit({ type: "connectionChanged", connection: this.#connection });
  }

  /** Sends any event, as the engine might. */
  emit(event: ClientEvent): void {
    this.#emit(event);
  }

  #bySlug(slug: string): Contact {
    const contact = this.shelf.bySlug(slug);
    if (!contact) throw new RangeError(`nobody is called ${slug}`);
    return contact;
  }

  #from(contact: Contact): GoesOutFrom {
    if (this.#scenario.state === "notwilio") return { type: "nothing" };
    return { type: "number", number: OURS, isNew: contact.slug === NEWCOMER };
  }

  #emit(event: ClientEvent): void {
    if (!this.#ready) return;
    // As over a process border: the handler runs after the caller is done.
    queueMicrotask(() => {
      for (const handler of this.#handlers) handler(event);
    });
  }

  #changed(message: Message): void {
    this.#emit({ type: "messagesChanged", contactId: message.contactId, messageIds: [message.id] });
    this.#emit({ type: "conversationsChanged", contactIds: [message.contactId] });
  }

  #tellWaiting(): void {
    if (this.#connection.state !== "offline") return;
    this.#connection = { ...this.#connection, waiting: this.shelf.waiting().length };
    this.#emit({ type: "connectionChanged", connection: this.#connection });
  }

  #answerLater(contact: Contact): void {
    if (this.#scenario.manualClock || contact.optedOut) return;
    this.#clock.after(this.#random.between(3_000, 9_000), () => {
      this.receive(contact.slug, this.#random.pick(answers));
    });
  }

  #letPeopleText(): void {
    this.#clock.after(this.#random.between(20_000, 45_000), () => {
      const open = this.shelf.contacts.filter((contact) => contact.canBeAnswered && !contact.optedOut);
      if (open.length > 0 && this.#connection.state === "live")
        this.receive(this.#random.pick(open).slug, this.#random.pick(openers));
      this.#letPeopleText();
    });
  }

  #compare(now: number): Audit {
    const texts = this.shelf.since(now - DAY, now);
    return { twilio: texts, here: texts, checkedAt: new Date(now).toISOString() };
  }

  /** Every five minutes, as the server does; a desk without a connection does not hear of it. */
  #compareLater(wait: number): void {
    this.#clock.after(wait, () => {
      if (this.#connection.state === "live") this.setAudit(this.#compare(this.#clock.now()));
      this.#compareLater(5 * MINUTE);
    });
  }

  #syncOn(): void {
    this.#clock.after(700, () => {
      if (this.#connection.state !== "syncing") return;
      const done = this.#connection.done + 640;
      const { total } = this.#connection;
      this.setConnection(done >= total ? { state: "live" } : { state: "syncing", done, total });
      if (done >= total) this.setLocalCopy({ ...this.#localCopy, rebuilding: null });
      this.#syncOn();
    });
  }

  #connectionAtStart(): Connection {
    const now = this.#clock.now();
    switch (this.#scenario.state) {
      case "signin":
      case "expired":
      case "leaseover":
        return { state: "signedOut" };
      case "syncing":
      case "rebuilding":
        return { state: "syncing", done: 8_320, total: 20_480 };
      case "connecting":
        return { state: "connecting" };
      case "offline":
        return {
          state: "offline",
          since: new Date(now - 12 * 60_000).toISOString(),
          reason: "The server cannot be reached: nothing answers at this address.",
          waiting: this.shelf.waiting().length,
        };
      case "incompatible":
        return {
          state: "incompatible",
          reason:
            "This Deskline speaks version 1 of the protocol, and the server wants a newer one. Update Deskline.",
        };
      case "live":
      case "accounts":
      case "empty":
      case "memoryonly":
      case "notwilio":
      case "diskfull":
      case "wrongclock":
      case "noaccess":
      case "restored":
      case "held":
      case "takenback":
        return { state: "live" };
    }
  }
}

function diskFull(): CommandError {
  return new CommandError(
    "diskFull",
    "The disk of this computer is full, so that nothing can be kept. Make some room, and try again.",
  );
}

function unreachable(): CommandError {
  return new CommandError(
    "unreachable",
    `The server at ${SERVER} cannot be reached: nothing answers at this address. Check the address and your connection.`,
  );
}

function leaving(): CommandError {
  return new CommandError(
    "alreadySent",
    "This text cannot be called off any more: it has left, or is leaving at this moment.",
  );
}

function neverLeft(message: Message): boolean {
  return message.state === "waiting" || message.failure?.canDiscard === true;
}

/** As over a process border: whatever is thrown rejects. */
function attempt<Answer>(act: () => Answer): Promise<Answer> {
  return new Promise((resolve) => resolve(act()));
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

function notFound(what: string): CommandError {
  return new CommandError(
    "notFound",
    `This ${what} is not on this machine. It may have been removed meanwhile.`,
  );
}

const outgoing = (contact: Contact, text: string, files = contact.attachments.length): Outgoing => ({
  to: contact.phone,
  text,
  files,
  optedOut: contact.optedOut,
});

/** The engine's sentence for what the gate refuses. */
function refused(outgoing: Outgoing): CommandError | null {
  const refusal = refusalOf(outgoing);
  return refusal === null ? null : new CommandError("refused", sentences[refusal]);
}

const sentences: Readonly<Record<Refusal, string>> = {
  optedOut: "This contact has opted out. They can opt in again by texting START.",
  noAddress: "This sender cannot be answered: it has a name, but no number.",
  empty: "There is nothing to send. Write a text or attach a file.",
  unsendable: "This text contains a character that cannot be sent (NUL). Remove it and send again.",
  tooLong: "This text is longer than the 1,600 characters that Twilio takes. Shorten it or send it in parts.",
  tooManyFiles: "A text can carry ten files at most. Remove some and send again.",
  filesTooLarge:
    "These files are larger than the 5 MB that Twilio takes with one text. Remove some and send again.",
};

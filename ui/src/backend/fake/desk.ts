// The fake engine: keeps conversations in memory and answers as the real one does, events included.

import type { Attachment } from "@/bindings/Attachment";
import type { ClientEvent } from "@/bindings/ClientEvent";
import type { Consent } from "@/bindings/Consent";
import type { ContactCard } from "@/bindings/ContactCard";
import type { Conversation } from "@/bindings/Conversation";
import type { ConversationPage } from "@/bindings/ConversationPage";
import type { ConversationQuery } from "@/bindings/ConversationQuery";
import type { Counts } from "@/bindings/Counts";
import type { DesktopSettings } from "@/bindings/DesktopSettings";
import type { FilledReply } from "@/bindings/FilledReply";
import type { Focus } from "@/bindings/Focus";
import type { HistoryLine } from "@/bindings/HistoryLine";
import type { LedgerLine } from "@/bindings/LedgerLine";
import type { MediaView } from "@/bindings/MediaView";
import type { Message } from "@/bindings/Message";
import type { MessagePage } from "@/bindings/MessagePage";
import type { MessageQuery } from "@/bindings/MessageQuery";
import type { SearchPage } from "@/bindings/SearchPage";
import type { SearchQuery } from "@/bindings/SearchQuery";
import type { NetworkSettings } from "@/bindings/NetworkSettings";
import type { NetworkWish } from "@/bindings/NetworkWish";
import type { Note } from "@/bindings/Note";
import type { Outlook } from "@/bindings/Outlook";
import type { ReplySettings } from "@/bindings/ReplySettings";
import type { NotificationSettings } from "@/bindings/NotificationSettings";
import type { Storage } from "@/bindings/Storage";
import type { TakenBack } from "@/bindings/TakenBack";
import type { Team } from "@/bindings/Team";
import type { Backend, NamedFile } from "../backend";
import { CommandError } from "../errors";
import { cardOf, consentsOf, countsOf, fill, historyOf, ledgerOf, replyOf, storageOf } from "./beside";
import { outlook } from "./outlook";
import { pageAround, pageOf } from "./pages";
import { diagnosticsOf } from "./preferences";
import { attempt, diskFull, notFound, outgoing, SERVER, unreachable } from "./refusals";
import { search } from "./search";
import { team } from "./team";
import { ME } from "./team";
import { FakeWriting } from "./writing";

export class FakeDesk extends FakeWriting implements Backend {
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
    return contact ? Promise.resolve(pageOf(contact, query)) : Promise.reject(notFound("conversation"));
  }

  messagesAround(id: string, limit: number): Promise<MessagePage> {
    const item = this.shelf.message(id) ?? this.shelf.note(id);
    const contact = item && this.shelf.contact(item.contactId);
    return contact ? Promise.resolve(pageAround(contact, item, limit)) : Promise.reject(notFound("message"));
  }

  search(query: SearchQuery): Promise<SearchPage> {
    return Promise.resolve({ ...search(this.shelf, query, this.clock.now()), indexing: this.indexingNow });
  }

  message(messageId: string): Promise<Message> {
    const message = this.shelf.message(messageId);
    return message ? Promise.resolve({ ...message }) : Promise.reject(notFound("message"));
  }

  note(noteId: string): Promise<Note> {
    const note = this.shelf.note(noteId);
    return note ? Promise.resolve({ ...note }) : Promise.reject(notFound("note"));
  }

  team(workspaceId: string): Promise<Team> {
    return Promise.resolve(team(workspaceId));
  }

  takenBack(): Promise<TakenBack[]> {
    return Promise.resolve([...this.acting.takenBack]);
  }

  unreadCount(): Promise<number> {
    return Promise.resolve(this.shelf.unread());
  }

  // Files

  attach(contactId: string, file: NamedFile): Promise<Attachment> {
    return attempt(() => {
      const contact = this.shelf.contact(contactId);
      if (!contact) throw notFound("conversation");
      const attachment = this.files.attach(contact, file, this.clock.now());
      this.emit({ type: "conversationsChanged", contactIds: [contactId] });
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
      const contact = this.files.detach(this.shelf.contacts, attachmentId);
      if (contact === null) throw notFound("file");
      this.emit({ type: "conversationsChanged", contactIds: [contact.contactId] });
    });
  }

  loadPicture(messageId: string, place: number): Promise<MediaView> {
    return attempt(() => {
      const file = this.shelf.message(messageId)?.media[place];
      if (!file) throw notFound("file");
      if (this.connectionNow.state === "offline" && !this.files.isHere(messageId))
        throw new CommandError(
          "unreachable",
          `The server at ${SERVER} cannot be reached: nothing answers at this address. Check the address and your connection.`,
        );
      this.files.pictureUrl(messageId, place);
      return { ...file };
    });
  }

  pictureUrl(messageId: string, place: number): string {
    return this.files.pictureUrl(messageId, place);
  }

  attachmentUrl(attachmentId: string): string {
    return this.files.attachmentUrl(attachmentId);
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
      this.emit({ type: "conversationsChanged", contactIds: [contactId] });
    }
    return Promise.resolve();
  }

  saveReply(contactId: string, reply: ReplySettings): Promise<void> {
    const contact = this.shelf.contact(contactId);
    if (contact) {
      contact.reply = { ...reply };
      this.emit({ type: "conversationsChanged", contactIds: [contactId] });
    }
    return Promise.resolve();
  }

  outlook(contactId: string, text: string): Promise<Outlook> {
    const contact = this.shelf.contact(contactId);
    if (!contact) return Promise.reject(notFound("contact"));
    return Promise.resolve(outlook(outgoing(contact, text), this.from(contact), this.clock.now()));
  }

  setFocus(focus: Focus): Promise<void> {
    this.focusHistory.push(focus);
    return Promise.resolve();
  }

  // Beside a thread

  counts(workspaceId: string | null): Promise<Counts> {
    return Promise.resolve(countsOf(this.shelf, workspaceId));
  }

  contactCard(contactId: string): Promise<ContactCard> {
    const contact = this.shelf.contact(contactId);
    return contact ? Promise.resolve(cardOf(contact)) : Promise.reject(notFound("contact"));
  }

  fillReply(contactId: string, replyId: string): Promise<FilledReply> {
    const contact = this.shelf.contact(contactId);
    const reply = replyOf(replyId);
    return contact && reply
      ? Promise.resolve(fill(reply, contact))
      : Promise.reject(notFound("canned reply"));
  }

  consents(contactId: string): Promise<Consent[]> {
    const contact = this.shelf.contact(contactId);
    if (!contact) return Promise.reject(notFound("contact"));
    return this.isOnline() ? Promise.resolve(consentsOf(contact)) : Promise.reject(unreachable());
  }

  history(contactId: string): Promise<HistoryLine[]> {
    const contact = this.shelf.contact(contactId);
    if (!contact) return Promise.reject(notFound("contact"));
    return this.isOnline() ? Promise.resolve(historyOf(contact)) : Promise.reject(unreachable());
  }

  optOut(contactId: string, reason: string): Promise<void> {
    return this.decide(contactId, "opted_out", reason);
  }

  optIn(contactId: string, reason: string): Promise<void> {
    return this.decide(contactId, "opted_in", reason);
  }

  protected decide(contactId: string, decision: string, reason: string): Promise<void> {
    const contact = this.shelf.contact(contactId);
    if (!contact) return Promise.reject(notFound("contact"));
    if (!this.isOnline()) return Promise.reject(unreachable());
    const at = new Date(this.clock.now()).toISOString();
    contact.consents.push({ decision, decidedBy: "agent", userId: ME, reason, at });
    contact.optedOut = decision === "opted_out";
    this.emit({ type: "conversationsChanged", contactIds: [contactId] });
    return Promise.resolve();
  }

  ledger(messageId: string): Promise<LedgerLine[]> {
    const message = this.shelf.message(messageId);
    if (!message) return Promise.reject(notFound("text"));
    return this.isOnline() ? Promise.resolve(ledgerOf(message)) : Promise.reject(unreachable());
  }

  fetchFilesAgain(messageId: string): Promise<void> {
    const message = this.shelf.message(messageId);
    if (!message) return Promise.reject(notFound("text"));
    if (!this.isOnline()) return Promise.reject(unreachable());
    this.setFiles(message, { isThere: false, problem: null });
    this.clock.after(900, () => {
      this.setFiles(message, { isThere: true, problem: null });
    });
    return Promise.resolve();
  }

  protected setFiles(message: Message, change: Partial<MediaView>): void {
    message.media = message.media.map((file) => (file.isThere ? file : { ...file, ...change }));
    this.changed(message);
  }

  // Settings

  notificationSettings(): Promise<NotificationSettings> {
    return Promise.resolve(this.preferences.notifications);
  }

  setNotificationSettings(settings: NotificationSettings): Promise<void> {
    if (this.localCopyNow.diskFull) return Promise.reject(diskFull());
    this.preferences.notifications = settings;
    this.emit({ type: "notificationSettingsChanged" });
    return Promise.resolve();
  }

  setMuted(contactId: string, muted: boolean): Promise<void> {
    const contact = this.shelf.contact(contactId);
    if (!contact) return Promise.reject(notFound("contact"));
    contact.muted = muted;
    this.emit({ type: "conversationsChanged", contactIds: [contactId] });
    return Promise.resolve();
  }

  desktopSettings(): Promise<DesktopSettings> {
    return Promise.resolve(this.preferences.desktop);
  }

  setDesktopSettings(settings: DesktopSettings): Promise<void> {
    this.preferences.desktop = settings;
    return Promise.resolve();
  }

  updateReady(): Promise<boolean> {
    return Promise.resolve(this.scenario.state === "update" && !this.restarted);
  }

  restart(): Promise<void> {
    this.restarted = true;
    return Promise.resolve();
  }

  networkSettings(): Promise<NetworkSettings> {
    return Promise.resolve(this.preferences.network);
  }

  setNetworkSettings(wish: NetworkWish): Promise<void> {
    return attempt(() => this.preferences.setNetwork(wish));
  }

  storage(): Promise<Storage> {
    return Promise.resolve(storageOf(this.shelf));
  }

  rebuild(): Promise<void> {
    if (!this.isOnline()) return Promise.reject(unreachable());
    this.setLocalCopy({
      ...this.localCopyNow,
      rebuilding: "You asked for the copy of your team’s texts to be fetched anew.",
    });
    this.setConnection({ state: "syncing", done: 0, total: 2_000 });
    this.syncOn();
    return Promise.resolve();
  }

  diagnostics(): Promise<string> {
    return Promise.resolve(diagnosticsOf(this.shelf, this.connectionNow.state, this.clock.now()));
  }

  onEvent(handler: (event: ClientEvent) => void): Promise<void> {
    this.handlers.push(handler);
    return Promise.resolve();
  }

  uiReady(): Promise<void> {
    this.ready = true;
    const wanted = this.scenario.open;
    const contact = wanted === null ? undefined : this.shelf.bySlug(wanted);
    if (contact) this.emit({ type: "openConversation", contactId: contact.contactId });
    return Promise.resolve();
  }

  now(): number {
    return this.clock.now();
  }
}

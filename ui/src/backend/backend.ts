// The one inlet of the window: everything it knows, it asks from here. Implemented by tauri.ts and by fake.ts.
//
// Held by the controllers in state/, handed down by main.ts. Rows are answered as the engine has them; events carry ids and
// figures only, so a controller that hears one asks again for what it shows.

import type { AdminBackend } from "./admin";
import type { DirectBackend } from "./direct";
import type { AccountView } from "@/bindings/AccountView";
import type { Action } from "@/bindings/Action";
import type { Attachment } from "@/bindings/Attachment";
import type { AttachmentId } from "@/bindings/AttachmentId";
import type { Audit } from "@/bindings/Audit";
import type { CannedReplyId } from "@/bindings/CannedReplyId";
import type { Claim } from "@/bindings/Claim";
import type { ClientEvent } from "@/bindings/ClientEvent";
import type { Colleagues } from "@/bindings/Colleagues";
import type { CommandId } from "@/bindings/CommandId";
import type { Connection } from "@/bindings/Connection";
import type { Consent } from "@/bindings/Consent";
import type { ContactCard } from "@/bindings/ContactCard";
import type { ContactId } from "@/bindings/ContactId";
import type { Conversation } from "@/bindings/Conversation";
import type { ConversationPage } from "@/bindings/ConversationPage";
import type { ConversationQuery } from "@/bindings/ConversationQuery";
import type { Counts } from "@/bindings/Counts";
import type { DesktopSettings } from "@/bindings/DesktopSettings";
import type { FilledReply } from "@/bindings/FilledReply";
import type { Focus } from "@/bindings/Focus";
import type { HistoryLine } from "@/bindings/HistoryLine";
import type { HoldConditions } from "@/bindings/HoldConditions";
import type { Later } from "@/bindings/Later";
import type { LocalCopy } from "@/bindings/LocalCopy";
import type { LedgerLine } from "@/bindings/LedgerLine";
import type { LabelId } from "@/bindings/LabelId";
import type { MediaView } from "@/bindings/MediaView";
import type { Message } from "@/bindings/Message";
import type { MessageId } from "@/bindings/MessageId";
import type { MessagePage } from "@/bindings/MessagePage";
import type { MessageQuery } from "@/bindings/MessageQuery";
import type { Outlook } from "@/bindings/Outlook";
import type { ReplySettings } from "@/bindings/ReplySettings";
import type { Reschedule } from "@/bindings/Reschedule";
import type { SearchPage } from "@/bindings/SearchPage";
import type { SearchQuery } from "@/bindings/SearchQuery";
import type { NetworkSettings } from "@/bindings/NetworkSettings";
import type { NetworkWish } from "@/bindings/NetworkWish";
import type { Note } from "@/bindings/Note";
import type { NoteId } from "@/bindings/NoteId";
import type { NotificationSettings } from "@/bindings/NotificationSettings";
import type { Session } from "@/bindings/Session";
import type { SignIn } from "@/bindings/SignIn";
import type { Storage } from "@/bindings/Storage";
import type { TakenBack } from "@/bindings/TakenBack";
import type { Team } from "@/bindings/Team";
import type { Unsent } from "@/bindings/Unsent";
import type { UserId } from "@/bindings/UserId";
import type { WorkspaceId } from "@/bindings/WorkspaceId";

/** A file that an agent attaches. */
export interface NamedFile {
  name: string;
  /** Its MIME type; empty where nobody knows it. */
  type: string;
  content: Blob;
}

/** In a thread, or by itself. */
export type PictureSize = "small" | "large";

/** Every promise rejects with a `CommandError` of errors.ts, and with nothing else. */
/** A text or a private note: what stands in a thread. */
export type ItemId = MessageId;

export interface Backend {
  /** Who is signed in. */
  session(): Promise<Session>;
  signIn(request: SignIn): Promise<Session>;
  signOut(): Promise<void>;
  /** Another password of one's own; sessions elsewhere end. Waits for the server. */
  changePassword(current: string, next: string): Promise<void>;
  /** Every account that somebody is signed in to on this desktop, and the one that the window looks at. */
  accounts(): Promise<AccountView[]>;
  /** Lets the window look at another one; `accountSwitched` follows. */
  switchAccount(id: number): Promise<void>;
  /** Lets the window look at one that nobody is signed in to. */
  addAccount(): Promise<void>;
  /** After signing out: looks at another account, if there is one. */
  leaveAccount(): Promise<void>;
  connection(): Promise<Connection>;
  /** What the newest comparison with Twilio came to; null before the first one. */
  audit(): Promise<Audit | null>;
  /** How it stands with what this machine keeps. */
  localCopy(): Promise<LocalCopy>;
  dismissNotice(id: number): Promise<void>;

  conversations(query: ConversationQuery): Promise<ConversationPage>;
  conversation(contactId: ContactId): Promise<Conversation>;
  messages(query: MessageQuery): Promise<MessagePage>;
  /** The stretch of a thread around one of its texts or notes; both ends of it can be asked on with `messages`. */
  messagesAround(id: ItemId, limit: number): Promise<MessagePage>;
  message(messageId: MessageId): Promise<Message>;
  /** Whatever was typed: nothing is an error. */
  search(query: SearchQuery): Promise<SearchPage>;
  note(noteId: NoteId): Promise<Note>;
  /** Members, labels and canned replies. */
  team(workspaceId: WorkspaceId): Promise<Team>;
  /** Unread texts over all teams. */
  unreadCount(): Promise<number>;

  /**
   * Answers with the bubble once the text is kept, long before it is sent. The files move to it from the draft. `messageId` is new, and
   * made by the window, which shows the text at once.
   */
  sendMessage(
    contactId: ContactId,
    text: string,
    attachmentIds: AttachmentId[],
    messageId: MessageId,
  ): Promise<Message>;
  /** The same for a text that leaves later: the server keeps it until then, once it could be reached. */
  sendLater(
    contactId: ContactId,
    text: string,
    attachmentIds: AttachmentId[],
    later: Later,
  ): Promise<Message>;
  /** The texts to a contact that wait for their time, here or on the server, the next one first. */
  scheduled(contactId: ContactId): Promise<Message[]>;
  /** Changes one that waits on the server. Waits for the server, and rejects with its reason. */
  reschedule(messageId: MessageId, change: Reschedule): Promise<void>;
  retry(messageId: MessageId): Promise<void>;
  discard(messageId: MessageId): Promise<void>;
  /** Makes a text that never left the draft of its conversation again; answers with the draft. */
  takeBack(messageId: MessageId): Promise<string>;
  /** Calls a text off that waits on the server. Waits for the server, and rejects with its reason. */
  callOff(messageId: MessageId): Promise<void>;
  markRead(contactId: ContactId): Promise<void>;
  saveDraft(contactId: ContactId, text: string): Promise<void>;
  /** Keeps what stands beside the text: the note that was begun, and whether a text for later is called off when the contact writes first. */
  saveReply(contactId: ContactId, reply: ReplySettings): Promise<void>;
  /** Puts a file to the draft, or says why it cannot be sent. */
  attach(contactId: ContactId, file: NamedFile): Promise<Attachment>;
  /** The same with the picture on the system's clipboard, for a paste that brings none; null when there is none. */
  attachClipboard(contactId: ContactId): Promise<Attachment | null>;
  detach(attachmentId: AttachmentId): Promise<void>;
  /** Sees to it that a picture is on this machine: `pictureUrl` leads to it from then on. */
  loadPicture(messageId: MessageId, place: number): Promise<MediaView>;
  pictureUrl(messageId: MessageId, place: number, size: PictureSize): string;
  attachmentUrl(attachmentId: AttachmentId): string;
  /** Saves a file of a text where downloads go; answers with its path. */
  saveFile(messageId: MessageId, place: number): Promise<string>;
  /** Does something that is no text: kept and shown at once, told to the server when it can be. */
  perform(workspaceId: WorkspaceId, action: Action): Promise<void>;
  addNote(contactId: ContactId, content: string, mentions: UserId[]): Promise<Note>;
  createLabel(workspaceId: WorkspaceId, name: string, color: string): Promise<LabelId>;
  /** What the agent did and the server refused, oldest first, until it is dismissed. */
  takenBack(): Promise<TakenBack[]>;
  dismissTakenBack(commandId: CommandId): Promise<void>;
  /** When to ask before a text leaves late. */
  holdConditions(): Promise<HoldConditions>;
  setHoldConditions(conditions: HoldConditions): Promise<void>;
  /** The texts that only this machine has, of every conversation, in the order in which they were written. */
  outbox(): Promise<Message[]>;
  /** What would not leave if the agent signed out now. */
  unsent(): Promise<Unsent>;

  /** What colleagues do right now. */
  colleagues(): Promise<Colleagues>;
  setAway(away: boolean): Promise<void>;
  /** A key was pressed in the text to a contact; `blank` once nothing is left of it. */
  typing(contactId: ContactId, blank: boolean): Promise<void>;
  /** Whether somebody else is at it, so that the agent is told before sending. */
  claim(contactId: ContactId): Promise<Claim | null>;

  /** What would become of a text to the contact, with the files of the draft, if it was sent now. From this machine, at every key. */
  outlook(contactId: ContactId, text: string): Promise<Outlook>;
  /** A canned reply with everything in it that is known of the contact. */
  fillReply(contactId: ContactId, replyId: CannedReplyId): Promise<FilledReply>;
  /** How many conversations each view has, in one team or in all. */
  counts(workspaceId: WorkspaceId | null): Promise<Counts>;
  /** A contact's newest files and private notes. */
  contactCard(contactId: ContactId): Promise<ContactCard>;
  /** Who opted a contact out or in, oldest first. Waits for the server. */
  consents(contactId: ContactId): Promise<Consent[]>;
  /** Who did what with a conversation, oldest first. Waits for the server. */
  history(contactId: ContactId): Promise<HistoryLine[]>;
  /** No more texts to a contact, and why. Waits for the server. */
  optOut(contactId: ContactId, reason: string): Promise<void>;
  /** Takes an agent's opt-out back. Waits for the server, which says no to what the contact said itself. */
  optIn(contactId: ContactId, reason: string): Promise<void>;
  /** What happened to a text, oldest first. Waits for the server. */
  ledger(messageId: MessageId): Promise<LedgerLine[]>;
  /** Has the server fetch files again that it had given up. Waits for the server. */
  fetchFilesAgain(messageId: MessageId): Promise<void>;
  /** What the agent looks at; the engine decides by it which texts deserve a notification. */
  setFocus(focus: Focus): Promise<void>;

  notificationSettings(): Promise<NotificationSettings>;
  setNotificationSettings(settings: NotificationSettings): Promise<void>;
  /** Whether nothing of a conversation is notified at this desktop. */
  setMuted(contactId: ContactId, muted: boolean): Promise<void>;
  desktopSettings(): Promise<DesktopSettings>;
  setDesktopSettings(settings: DesktopSettings): Promise<void>;
  /** Whether another version is installed by now than the one that runs. */
  updateReady(): Promise<boolean>;
  /** Starts the program anew, as it is installed now. */
  restart(): Promise<void>;
  networkSettings(): Promise<NetworkSettings>;
  /** Starts the program again once it is kept. */
  setNetworkSettings(wish: NetworkWish): Promise<void>;
  /** What this machine keeps. */
  storage(): Promise<Storage>;
  /** Fetches the copy of the team's texts anew. */
  rebuild(): Promise<void>;
  /** What owners and admins ask for their team. */
  readonly admin: AdminBackend;
  /** Working without the server. */
  readonly direct: DirectBackend;
  /** What can be posted in public to be helped. */
  diagnostics(): Promise<string>;

  /** Calls `handler` for every event from now on; resolves once that is so. */
  onEvent(handler: (event: ClientEvent) => void): Promise<void>;
  /** Events flow from here on. Called after `onEvent`. */
  uiReady(): Promise<void>;

  /** The time, in milliseconds since 1970. The only clock of the window. */
  now(): number;
}

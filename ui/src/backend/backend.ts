// The one inlet of the window: everything it knows, it asks from here. Implemented by tauri.ts and by fake.ts.
//
// Held by the controllers in state/, handed down by main.ts. Rows are answered as the engine has them; events carry ids and
// figures only, so a controller that hears one asks again for what it shows.

import type { Action } from "@/bindings/Action";
import type { Attachment } from "@/bindings/Attachment";
import type { AttachmentId } from "@/bindings/AttachmentId";
import type { Audit } from "@/bindings/Audit";
import type { ClientEvent } from "@/bindings/ClientEvent";
import type { CommandId } from "@/bindings/CommandId";
import type { Connection } from "@/bindings/Connection";
import type { ContactId } from "@/bindings/ContactId";
import type { Conversation } from "@/bindings/Conversation";
import type { ConversationPage } from "@/bindings/ConversationPage";
import type { ConversationQuery } from "@/bindings/ConversationQuery";
import type { Focus } from "@/bindings/Focus";
import type { LocalCopy } from "@/bindings/LocalCopy";
import type { LabelId } from "@/bindings/LabelId";
import type { MediaView } from "@/bindings/MediaView";
import type { Message } from "@/bindings/Message";
import type { MessageId } from "@/bindings/MessageId";
import type { MessagePage } from "@/bindings/MessagePage";
import type { MessageQuery } from "@/bindings/MessageQuery";
import type { SearchPage } from "@/bindings/SearchPage";
import type { SearchQuery } from "@/bindings/SearchQuery";
import type { Note } from "@/bindings/Note";
import type { NoteId } from "@/bindings/NoteId";
import type { Segments } from "@/bindings/Segments";
import type { Session } from "@/bindings/Session";
import type { SignIn } from "@/bindings/SignIn";
import type { TakenBack } from "@/bindings/TakenBack";
import type { Team } from "@/bindings/Team";
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
export interface Backend {
  /** Who is signed in. */
  session(): Promise<Session>;
  signIn(request: SignIn): Promise<Session>;
  signOut(): Promise<void>;
  connection(): Promise<Connection>;
  /** What the newest comparison with Twilio came to; null before the first one. */
  audit(): Promise<Audit | null>;
  /** How it stands with what this machine keeps. */
  localCopy(): Promise<LocalCopy>;
  dismissNotice(id: number): Promise<void>;

  conversations(query: ConversationQuery): Promise<ConversationPage>;
  conversation(contactId: ContactId): Promise<Conversation>;
  messages(query: MessageQuery): Promise<MessagePage>;
  /** The stretch of a thread around one of its texts; both ends of it can be asked on with `messages`. */
  messagesAround(messageId: MessageId, limit: number): Promise<MessagePage>;
  message(messageId: MessageId): Promise<Message>;
  /** Whatever was typed: nothing is an error. */
  search(query: SearchQuery): Promise<SearchPage>;
  note(noteId: NoteId): Promise<Note>;
  /** Members, labels and canned replies. */
  team(workspaceId: WorkspaceId): Promise<Team>;
  /** Unread texts over all teams. */
  unreadCount(): Promise<number>;

  /** Answers with the local echo, long before the text is sent. The files move to it from the draft. */
  sendMessage(contactId: ContactId, text: string, attachmentIds: AttachmentId[]): Promise<Message>;
  retry(messageId: MessageId): Promise<void>;
  discard(messageId: MessageId): Promise<void>;
  /** Makes a text that never left the draft of its conversation again; answers with the draft. */
  takeBack(messageId: MessageId): Promise<string>;
  markRead(contactId: ContactId): Promise<void>;
  saveDraft(contactId: ContactId, text: string): Promise<void>;
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
  measure(text: string): Promise<Segments>;
  /** What the agent looks at; the engine decides by it which texts deserve a notification. */
  setFocus(focus: Focus): Promise<void>;

  /** Calls `handler` for every event from now on; resolves once that is so. */
  onEvent(handler: (event: ClientEvent) => void): Promise<void>;
  /** Events flow from here on. Called after `onEvent`. */
  uiReady(): Promise<void>;

  /** The time, in milliseconds since 1970. The only clock of the window. */
  now(): number;
}

// What an agent does in the fake but for texting: done at once, and taken back a moment later when a test says so.

import type { Action } from "@/bindings/Action";
import type { ClientEvent } from "@/bindings/ClientEvent";
import type { Note } from "@/bindings/Note";
import type { TakenBack } from "@/bindings/TakenBack";
import { CommandError } from "../errors";
import type { Clock } from "./clock";
import { lineOf } from "./history";
import type { Random } from "./random";
import type { Contact, Shelf } from "./shelf";
import { carryOut, isForAdmins, labels, makeNote, ME, SECOND_WORKSPACE, WORKSPACE } from "./team";

/** How long the server takes. */
const ANSWER_MS = 300;
const ADMINS_ONLY = "Only owners and admins of this team may do this.";

const notFound = (what: string) =>
  new CommandError("notFound", `This ${what} is not on this machine. It may have been removed meanwhile.`);

export class Acting {
  takenBack: TakenBack[] = [];
  /** What the server says to whatever is done next. */
  refusal: string | null = null;
  /** What the server has not heard of. */
  waiting = 0;
  #clock: Clock;
  #random: Random;
  #shelf: Shelf;
  #emit: (event: ClientEvent) => void;

  constructor(clock: Clock, random: Random, shelf: Shelf, emit: (event: ClientEvent) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#shelf = shelf;
    this.#emit = emit;
  }

  /** Throws what the engine refuses without asking anybody. */
  perform(workspaceId: string, action: Action): void {
    if (workspaceId !== WORKSPACE && workspaceId !== SECOND_WORKSPACE) throw notFound("team");
    if (isForAdmins(action)) throw new CommandError("refused", ADMINS_ONLY);
    if (action.type === "editNote" || action.type === "deleteNote") {
      this.#changeNote(action);
      return;
    }
    const contact = "contactId" in action ? this.#shelf.contact(action.contactId) : undefined;
    if (!contact) throw notFound("contact");
    const before = { ...contact };
    if (action.type === "mergeContacts") {
      this.#merge(contact, action.from);
      return;
    }
    carryOut(action, contact, this.#clock.now());
    this.#tell(contact);
    const reason = this.refusal;
    if (reason === null) {
      this.#noteDown(contact, action);
      return;
    }
    this.refusal = null;
    this.#clock.after(ANSWER_MS, () => {
      Object.assign(contact, { ...before, thread: contact.thread, notes: contact.notes });
      this.#tell(contact);
      this.takeBack(contact, action, reason);
    });
  }

  /** The server hears of it a moment later. */
  #noteDown(contact: Contact, action: Action): void {
    const line = lineOf(action, this.#clock.now());
    if (line === null) return;
    this.#clock.after(ANSWER_MS, () => {
      contact.history.push(line);
      this.#tell(contact);
    });
  }

  #merge(into: Contact, from: string): void {
    const other = this.#shelf.contact(from);
    if (!other) throw notFound("contact");
    const moved = other.thread.map(({ id }) => id);
    this.#shelf.merge(into, other);
    this.#noteDown(into, { type: "mergeContacts", contactId: into.contactId, from });
    this.#emit({ type: "conversationsChanged", contactIds: [into.contactId, from] });
    this.#emit({ type: "messagesChanged", contactId: into.contactId, messageIds: moved });
  }

  addNote(contactId: string, content: string): Note {
    const contact = this.#shelf.contact(contactId);
    if (!contact) throw notFound("contact");
    if (content.trim() === "") throw new CommandError("refused", "There is no text in it.");
    const now = this.#clock.now();
    const note = { ...makeNote(this.#random.uuid(now), contactId, ME, now, content), waiting: true };
    contact.notes.push(note);
    this.#tellNote(note);
    this.#clock.after(ANSWER_MS, () => {
      note.waiting = false;
      this.#tellNote(note);
    });
    return { ...note };
  }

  createLabel(): never {
    throw new CommandError("refused", ADMINS_ONLY);
  }

  takeBack(contact: Contact, action: Action, reason: string): void {
    const now = this.#clock.now();
    const { contactId, name } = contact;
    const id = this.#random.uuid(now);
    this.takenBack.push({ id, action, contactId, name, reason, at: new Date(now).toISOString() });
    this.#emit({ type: "takenBackChanged" });
  }

  dismiss(commandId: string): void {
    this.takenBack = this.takenBack.filter(({ id }) => id !== commandId);
    this.#emit({ type: "takenBackChanged" });
  }

  /** The state `takenback`. */
  takeBackOne(): void {
    const maya = this.#shelf.bySlug("maya-lindqvist");
    const label = labels[2];
    if (!maya || !label) return;
    const action: Action = { type: "addLabel", contactId: maya.contactId, labelId: label.id };
    this.takeBack(maya, action, "This label is no longer there.");
  }

  #changeNote(action: Extract<Action, { type: "editNote" | "deleteNote" }>): void {
    const note = this.#shelf.note(action.noteId);
    const contact = note && this.#shelf.contact(note.contactId);
    if (!note || !contact) throw notFound("note");
    if (!note.mine) throw new CommandError("refused", "Only its author can change a note.");
    if (action.type === "deleteNote") {
      contact.notes = contact.notes.filter((other) => other !== note);
    } else {
      note.content = action.content;
      note.editedAt = new Date(this.#clock.now()).toISOString();
    }
    this.#tellNote(note);
  }

  #tell(contact: Contact): void {
    this.#emit({ type: "conversationsChanged", contactIds: [contact.contactId] });
    this.#emit({ type: "unreadChanged", total: this.#shelf.unread() });
  }

  #tellNote(note: Note): void {
    this.#emit({ type: "notesChanged", contactId: note.contactId, noteIds: [note.id] });
  }
}

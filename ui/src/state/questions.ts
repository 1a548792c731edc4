// What a thread asks the engine: pages of it, the stretch around one of its texts, and single texts and notes that changed.
//
// Made by the thread, which decides when something is asked and what becomes of the answer. Keeps no answer.

import type { Backend, ItemId } from "@/backend/backend";
import type { ContactId } from "@/bindings/ContactId";
import type { Conversation } from "@/bindings/Conversation";
import type { Message } from "@/bindings/Message";
import type { MessageId } from "@/bindings/MessageId";
import type { MessagePage } from "@/bindings/MessagePage";
import type { Note } from "@/bindings/Note";
import type { NoteId } from "@/bindings/NoteId";
import { toCommandError } from "@/backend/errors";

const PAGE = 60;
const LARGEST_PAGE = 500;

/** How many texts and notes one question asks for where `count` are wanted. */
export const limitFor = (count: number): number => Math.min(Math.max(PAGE, count), LARGEST_PAGE);

/** How many of a conversation's texts are loaded when it is opened: every unread one, and some before it. */
export const stretch = ({ unreadCount }: Conversation): number => limitFor(unreadCount + 20);

export class Questions {
  #backend: Backend;
  #contactId: ContactId;

  constructor(backend: Backend, contactId: ContactId) {
    this.#backend = backend;
    this.#contactId = contactId;
  }

  conversation(): Promise<Conversation> {
    return this.#backend.conversation(this.#contactId);
  }

  /** The page that another one names; null for the newest. */
  page(page: string | null, limit = PAGE): Promise<MessagePage> {
    return this.#backend.messages({ contactId: this.#contactId, page, limit });
  }

  /** The newest stretch, with every unread text in it. */
  newest(conversation: Conversation): Promise<MessagePage> {
    return this.page(null, stretch(conversation));
  }

  /** The stretch around a text or note of this thread; null when it is gone, or another contact's by now. */
  async around(id: ItemId, limit = PAGE): Promise<MessagePage | null> {
    const page = await unlessGone(this.#backend.messagesAround(id, limit));
    const all = page === null ? [] : [...page.messages, ...page.notes];
    return all.every(({ contactId }) => contactId === this.#contactId) ? page : null;
  }

  /** What these texts are now; null for those that are gone. */
  texts(ids: readonly MessageId[]): Promise<Map<MessageId, Message | null>> {
    return each(ids, (id) => this.#backend.message(id));
  }

  /** What these notes are now, likewise. */
  notes(ids: readonly NoteId[]): Promise<Map<NoteId, Note | null>> {
    return each(ids, async (id) => {
      const note = await this.#backend.note(id);
      // Merging moves notes from one thread to another.
      return note.contactId === this.#contactId ? note : null;
    });
  }
}

/** What cannot be asked for is left out of the answer, and so stays as it was. */
async function each<One extends Message | Note>(
  ids: readonly ItemId[],
  ask: (id: ItemId) => Promise<One | null>,
): Promise<Map<ItemId, One | null>> {
  const answers = new Map<ItemId, One | null>();
  await Promise.all(
    ids.map(async (id) => {
      const answer = await unlessGone(ask(id)).catch(() => undefined);
      if (answer !== undefined) answers.set(id, answer);
    }),
  );
  return answers;
}

async function unlessGone<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asked;
  } catch (thrown) {
    if (toCommandError(thrown).code === "notFound") return null;
    throw thrown;
  }
}

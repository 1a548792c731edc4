// Which conversation is open, and whether the agent looks at it. The engine hears of both, and what is looked at has been read.
//
// Made by the desk, which hands its verbs on to the views. Loads no list, and changes no conversation but for reading it.

import type { Backend } from "@/backend/backend";
import type { ContactId } from "@/bindings/ContactId";
import type { Conversations } from "./conversations.svelte";
import type { Drafts } from "./drafts.svelte";
import { around, type OpenThread } from "./open-thread";
import type { Hit } from "./search.svelte";
import type { SessionController } from "./session.svelte";
import type { Teams } from "./team.svelte";
import { Thread } from "./thread.svelte";

/** What outlives a conversation. */
interface Lasting {
  list: Conversations;
  drafts: Drafts;
  teams: Teams;
  session: SessionController;
}

export class Reading {
  open = $state.raw<OpenThread | null>(null);
  #windowFocused = false;
  #backend: Backend;
  #lasting: Lasting;

  constructor(backend: Backend, lasting: Lasting) {
    this.#backend = backend;
    this.#lasting = lasting;
  }

  /** Whether the agent sees what is on screen. */
  get windowFocused(): boolean {
    return this.#windowFocused;
  }

  openConversation(contactId: ContactId): void {
    if (this.open?.thread.contactId === contactId) return;
    this.#openThread(contactId, null);
  }

  /** Opens what a search found: the conversation, or the text in it, however far back it is. */
  openHit({ contactId, at }: Hit): void {
    if (at === null) this.openConversation(contactId);
    else if (this.open?.thread.at !== at) this.#openThread(contactId, at);
  }

  #openThread(contactId: ContactId, at: Hit["at"]): void {
    this.#leaveThread();
    const { list, session } = this.#lasting;
    const known = list.row(contactId);
    const me = session.signedIn?.userId ?? null;
    const onnewest = () => this.markRead();
    const thread = new Thread(this.#backend, contactId, { known, at, me, onnewest });
    // Asked for before the window is drawn anew, which takes as long as the answer.
    const loaded = thread.open();
    const open = around(this.#backend, thread, this.#lasting);
    this.open = open;
    list.select(contactId);
    this.#tellFocus();
    void loaded.then(() => {
      open.acting.resume();
      void open.composer.look();
      void open.composer.refreshClaim();
      void open.later.refresh();
      this.markRead();
    });
  }

  closeConversation(): void {
    if (this.open === null) return;
    this.#leaveThread();
    this.open = null;
    this.#lasting.list.select(null);
    this.#tellFocus();
  }

  setWindowFocused(focused: boolean): void {
    if (focused === this.#windowFocused) return;
    this.#windowFocused = focused;
    if (!focused) void this.#lasting.drafts.flushAll();
    this.#tellFocus();
    this.markRead();
  }

  /** Whoever looks at a thread has read it, but for its newest texts when it is open far back. */
  markRead(): void {
    const thread = this.open?.thread;
    if (!this.#windowFocused || thread?.reachesNewest !== true) return;
    if ((thread.conversation?.unreadCount ?? 0) === 0) return;
    this.#backend.markRead(thread.contactId).catch(() => undefined);
  }

  /** What was begun, or the note beside it, was edited at another desktop of the agent. */
  async adoptDraft(contactId: ContactId): Promise<void> {
    const open = this.open?.thread.contactId === contactId ? this.open : null;
    await this.#lasting.drafts.adopt(
      contactId,
      () => open?.thread.refreshConversation() ?? Promise.resolve(),
    );
    await open?.composer.look();
  }

  /** Somebody else looks at the window, or nobody. */
  forget(): void {
    this.open?.thread.close();
    this.open = null;
  }

  #leaveThread(): void {
    if (this.open === null) return;
    const { thread } = this.open;
    thread.close();
    void this.#lasting.drafts.flush(thread.contactId);
  }

  #tellFocus(): void {
    const contactId = this.open?.thread.contactId ?? null;
    this.#backend.setFocus({ contactId, window: this.#windowFocused }).catch(() => undefined);
  }
}

// Searching: what is typed, what was found, and where the keyboard stands among it.
//
// One question is under way at a time; what is typed meanwhile is asked next, the latest alone. So it is as quick as the engine is,
// without a clock, and an early answer never stands where a late one belongs.

import type { Backend, ItemId } from "@/backend/backend";
import type { ContactId } from "@/bindings/ContactId";
import type { FoundContact } from "@/bindings/FoundContact";
import type { FoundMessage } from "@/bindings/FoundMessage";
import type { Indexing } from "@/bindings/Indexing";
import type { SearchPage } from "@/bindings/SearchPage";
import { failingFrom, type Failing } from "./failing";

const PAGE = 40;
/** Empty pages that are turned by themselves, before somebody has to ask for more. */
const TURNS = 10;

/** What a key opens. */
export interface Hit {
  contactId: ContactId;
  /** The text or the private note, where it is one. */
  at: ItemId | null;
}

export class Search {
  /** As it stands in the field. */
  text = $state("");
  /** Whether results, or what can be typed, stand in place of the list. */
  isOpen = $state(false);
  contacts = $state.raw<readonly FoundContact[]>([]);
  messages = $state.raw<readonly FoundMessage[]>([]);
  indexing = $state.raw<Indexing | null>(null);
  /** What the results answer; another text than the field's while a question is under way. */
  answered = $state("");
  failure = $state.raw<Failing | null>(null);
  loadingMore = $state(false);
  /** Counts up when the field must get the focus. */
  wantsFocus = $state(0);
  #next = $state<string | null>(null);
  #cursor = $state(0);
  #asking = false;
  /** Raised by everything that makes an answer under way useless. */
  #round = 0;
  #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  readonly hits = $derived<readonly Hit[]>([
    ...this.contacts.map(({ contactId }) => ({ contactId, at: null })),
    ...this.messages.map(({ contactId, id }) => ({ contactId, at: id })),
  ]);

  get hasMore(): boolean {
    return this.#next !== null;
  }

  /** Whether anything but spaces is asked. */
  get asks(): boolean {
    return this.text.trim() !== "";
  }

  /** Whether what is typed was answered, and with nothing. */
  get foundNothing(): boolean {
    return this.asks && this.answered === this.text && this.hits.length === 0 && this.#next === null;
  }

  /** The place of the result that Enter opens; -1 without results. */
  get cursor(): number {
    return Math.min(this.#cursor, this.hits.length - 1);
  }

  get current(): Hit | null {
    return this.hits[this.cursor] ?? null;
  }

  open(): void {
    this.isOpen = true;
    this.wantsFocus += 1;
  }

  close(): void {
    this.isOpen = false;
    this.#clear();
    this.text = "";
  }

  /** The field says something else now. */
  type(text: string): Promise<void> {
    this.text = text;
    this.isOpen = true;
    this.#round += 1;
    if (!this.asks) {
      this.#clear();
      return Promise.resolve();
    }
    return this.#ask();
  }

  /** Puts an operator at the end of what is typed. */
  add(operator: string): Promise<void> {
    const before = this.text.trimEnd();
    this.wantsFocus += 1;
    return this.type(before === "" ? operator : `${before} ${operator}`);
  }

  /** Asks again: rows changed, or the index knows more. */
  async refresh(): Promise<void> {
    if (!this.isOpen || !this.asks) return;
    this.#round += 1;
    await this.#ask();
  }

  tellIndexing(indexing: Indexing | null): Promise<void> {
    this.indexing = indexing;
    return indexing === null ? this.refresh() : Promise.resolve();
  }

  move(by: number): void {
    const last = this.hits.length - 1;
    this.#cursor = Math.max(0, Math.min(last, this.cursor + by));
    if (this.#cursor > last - 5) void this.loadMore();
  }

  moveTo(place: number): void {
    this.#cursor = place;
  }

  /** The next page of texts, below those that are here. */
  async loadMore(): Promise<void> {
    if (this.#next === null || this.loadingMore || this.answered !== this.text) return;
    const round = this.#round;
    this.loadingMore = true;
    try {
      for (let turn = 0; turn < TURNS && this.#next !== null; turn++) {
        const page = await this.#page(this.text, this.#next);
        if (round !== this.#round) break;
        this.#next = page.next;
        const known = new Set(this.messages.map(({ id }) => id));
        const fresh = page.messages.filter(({ id }) => !known.has(id));
        if (fresh.length === 0) continue;
        this.messages = [...this.messages, ...fresh];
        break;
      }
    } catch (thrown) {
      if (round === this.#round) this.failure = failingFrom(thrown);
    } finally {
      this.loadingMore = false;
    }
  }

  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      // What was typed while an answer was under way is asked next.
      for (let round = -1; round !== this.#round && this.asks;) {
        round = this.#round;
        const text = this.text;
        const page = await this.#page(text, null);
        if (round === this.#round) this.#put(text, page);
      }
    } catch (thrown) {
      this.failure = failingFrom(thrown);
    } finally {
      this.#asking = false;
    }
    if (this.#next !== null && this.messages.length === 0) await this.loadMore();
  }

  #page(text: string, page: string | null): Promise<SearchPage> {
    const utcOffset = -new Date(this.#backend.now()).getTimezoneOffset();
    return this.#backend.search({ text, workspaceId: null, utcOffset, page, limit: PAGE });
  }

  #put(text: string, page: SearchPage): void {
    if (text !== this.answered) this.#cursor = 0;
    this.answered = text;
    this.contacts = page.contacts;
    this.messages = page.messages;
    this.indexing = page.indexing;
    this.#next = page.next;
    this.failure = null;
  }

  #clear(): void {
    this.#round += 1;
    this.contacts = [];
    this.messages = [];
    this.answered = "";
    this.failure = null;
    this.#next = null;
    this.#cursor = 0;
  }
}

// The conversation list: one filter, the pages that are loaded, the keyboard's row.

import type { Backend } from "@/backend/backend";
import type { ContactId } from "@/bindings/ContactId";
import type { Conversation } from "@/bindings/Conversation";
import type { ConversationFilter } from "@/bindings/ConversationFilter";
import type { LabelId } from "@/bindings/LabelId";
import type { UserId } from "@/bindings/UserId";
import type { WorkspaceId } from "@/bindings/WorkspaceId";
import { toCommandError } from "@/backend/errors";
import { Told } from "@/lib/told";
import { Turns } from "@/lib/turns";
import { failingFrom, type Failing } from "./failing";
import { Gather } from "./gather";
import { appendPage, mergeRows, type View } from "./rows";

const PAGE = 100;
const LARGEST_PAGE = 500;
/** From this many changed rows on, the loaded pages are asked for anew. */
const MANY = 60;

export class Conversations {
  rows = $state.raw<readonly Conversation[]>([]);
  filter = $state<ConversationFilter>("open");
  /** Only those that carry it. */
  labelId = $state<LabelId | null>(null);
  /** Only those of one team. */
  workspaceId = $state<WorkspaceId | null>(null);
  phase = $state<"loading" | "ready">("loading");
  failure = $state.raw<Failing | null>(null);
  /** The open conversation. Its row stays, whatever the filter says. */
  selected = $state<ContactId | null>(null);
  /** The row that the keyboard is on. */
  cursor = $state<ContactId | null>(null);
  /** Unread texts over all teams. */
  unread = $state(0);

  #unread = new Told<number>((total) => (this.unread = total));
  /** Whose list it is. */
  #me: UserId | null = null;
  #next = $state<string | null>(null);
  #round = 0;
  #loadingMore = false;
  #backend: Backend;
  #changed: Gather<ContactId>;
  /** Questions about rows: an answer is worked in before the next question is asked. */
  #turns = new Turns();

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#changed = new Gather((ids) => this.#turns.take(() => this.#fetchChanged(ids)));
  }

  /** Whether every row that the filter lets through is loaded. */
  get complete(): boolean {
    return this.phase === "ready" && this.#next === null;
  }

  get #view(): View {
    return { filter: this.filter, labelId: this.labelId, workspaceId: this.workspaceId, me: this.#me };
  }

  /** Who is signed in. */
  tellMe(me: UserId | null): void {
    this.#me = me;
  }

  row(contactId: ContactId): Conversation | null {
    return this.rows.find((row) => row.contactId === contactId) ?? null;
  }

  /** The engine says so, which is newer than any answer that is still on its way. */
  tellUnread(total: number): void {
    this.#unread.tell(total);
  }

  /** Loads the list anew, as far as it was loaded. */
  load(): Promise<void> {
    const round = ++this.#round;
    return this.#turns.take(() => this.#load(round));
  }

  async #load(round: number): Promise<void> {
    if (round !== this.#round) return;
    const limit = Math.min(Math.max(PAGE, this.rows.length), LARGEST_PAGE);
    try {
      const [page] = await Promise.all([
        this.#backend.conversations({
          workspaceId: this.workspaceId,
          filter: this.filter,
          labelId: this.labelId,
          page: null,
          limit,
        }),
        this.#unread.ask(() => this.#backend.unreadCount()),
      ]);
      if (round !== this.#round) return;
      const shown = {
        rows: page.conversations,
        view: this.#view,
        complete: page.next === null,
        selected: this.selected,
      };
      const kept = this.selected === null ? null : this.row(this.selected);
      const missing = kept !== null && !page.conversations.some((row) => row.contactId === kept.contactId);
      this.rows = missing
        ? mergeRows({ ...shown, rows: [...page.conversations, kept] }, new Map())
        : page.conversations;
      this.#next = page.next;
      this.phase = "ready";
      this.failure = null;
      if (missing) void this.refresh([kept.contactId]);
    } catch (thrown) {
      if (round === this.#round) this.failure = failingFrom(thrown);
    }
  }

  async loadMore(): Promise<void> {
    const page = this.#next;
    if (page === null || this.#loadingMore || this.phase !== "ready") return;
    this.#loadingMore = true;
    await this.#turns.take(() => this.#loadMore(this.#round, page));
    this.#loadingMore = false;
  }

  async #loadMore(round: number, page: string): Promise<void> {
    if (this.#next !== page) return;
    try {
      const answer = await this.#backend.conversations({
        workspaceId: this.workspaceId,
        filter: this.filter,
        labelId: this.labelId,
        page,
        limit: PAGE,
      });
      if (round !== this.#round) return;
      this.rows = appendPage(this.rows, answer.conversations);
      this.#next = answer.next;
    } catch (thrown) {
      if (round === this.#round) this.failure = failingFrom(thrown);
    }
  }

  /** Of one team, or of all. Loads nothing while nothing was loaded. */
  async setTeam(workspaceId: WorkspaceId | null): Promise<void> {
    if (workspaceId === this.workspaceId) return;
    this.workspaceId = workspaceId;
    this.labelId = null;
    const loaded = this.phase === "ready";
    this.#empty();
    if (loaded) await this.load();
  }

  #empty(): void {
    this.rows = [];
    this.#next = null;
    this.cursor = null;
    this.phase = "loading";
  }

  async setFilter(filter: ConversationFilter, labelId: LabelId | null = null): Promise<void> {
    if (filter === this.filter && labelId === this.labelId) return;
    this.filter = filter;
    this.labelId = labelId;
    this.#empty();
    await this.load();
  }

  /** These rows are new, gone, changed or moved. */
  refresh(ids: readonly ContactId[]): Promise<void> {
    return this.#changed.add(ids);
  }

  select(contactId: ContactId | null): void {
    const before = this.selected;
    this.selected = contactId;
    if (contactId !== null) this.cursor = contactId;
    // It may have stayed only because it was selected.
    if (before !== null && before !== contactId) void this.refresh([before]);
  }

  /** Moves the keyboard's row by `step` and answers with it. */
  move(step: 1 | -1): ContactId | null {
    const at = this.rows.findIndex((row) => row.contactId === (this.cursor ?? this.selected));
    const to = at === -1 ? 0 : Math.min(Math.max(at + step, 0), this.rows.length - 1);
    this.cursor = this.rows[to]?.contactId ?? null;
    return this.cursor;
  }

  /** Another agent may sign in: nothing of this one's stays. */
  forget(): void {
    this.#round += 1;
    this.rows = [];
    this.#next = null;
    this.selected = null;
    this.cursor = null;
    this.tellUnread(0);
    this.phase = "loading";
    this.failure = null;
    this.filter = "open";
    this.labelId = null;
  }

  async #fetchChanged(ids: ContactId[]): Promise<void> {
    if (this.phase !== "ready") return;
    if (ids.length > MANY) {
      await this.#load(++this.#round);
      return;
    }
    const round = this.#round;
    const changed = new Map<ContactId, Conversation | null>();
    await Promise.all(
      ids.map(async (id) => {
        try {
          changed.set(id, await this.#backend.conversation(id));
        } catch (thrown) {
          if (toCommandError(thrown).code === "notFound") changed.set(id, null);
        }
      }),
    );
    if (round !== this.#round) return;
    this.rows = mergeRows(
      { rows: this.rows, view: this.#view, complete: this.#next === null, selected: this.selected },
      changed,
    );
  }
}

// The desk: all controllers together, and what concerns several of them: starting, loading all, leaving nothing behind.
//
// Made once by main.ts and handed to the views. What concerns one of them stands there; what is heard from the engine, in hearing.ts.

import type { Backend } from "@/backend/backend";
import type { AccountView } from "@/bindings/AccountView";
import type { ClientEvent } from "@/bindings/ClientEvent";
import type { ContactId } from "@/bindings/ContactId";
import type { TakenBack } from "@/bindings/TakenBack";
import type { Unsent } from "@/bindings/Unsent";
import type { WorkspaceId } from "@/bindings/WorkspaceId";
import { speakIn } from "@/lib/language";
import { localRegion, type Region } from "@/lib/time";
import { Admin } from "./admin.svelte";
import { ColleaguesController } from "./colleagues.svelte";
import { ConnectionController } from "./connection.svelte";
import { Conversations } from "./conversations.svelte";
import { CountsController } from "./counts.svelte";
import { Drafts } from "./drafts.svelte";
import { failingFrom, type Failing } from "./failing";
import { hear } from "./hearing";
import type { OpenThread } from "./open-thread";
import { Palette } from "./palette.svelte";
import { Pictures } from "./pictures.svelte";
import { PreferencesController } from "./preferences.svelte";
import { Reading } from "./reading.svelte";
import { Search, type Hit } from "./search.svelte";
import { SessionController } from "./session.svelte";
import { Settings } from "./settings.svelte";
import { Setup } from "./setup.svelte";
import { Standing } from "./standing.svelte";
import { Teams } from "./team.svelte";
import { Update } from "./update.svelte";

export class Desk {
  readonly session: SessionController;
  readonly connection = new ConnectionController();
  readonly list: Conversations;
  readonly drafts: Drafts;
  readonly reading: Reading;
  readonly search: Search;
  readonly settings: Settings;
  readonly teams: Teams;
  readonly colleagues: ColleaguesController;
  readonly pictures: Pictures;
  readonly preferences: PreferencesController;
  /** Of our words. Whoever shows any draws everything anew when it changes. */
  language = $state("");
  readonly palette: Palette;
  readonly counts: CountsController;
  readonly standing: Standing;
  readonly update: Update;
  region = $state.raw<Region>({ locale: "en" });
  /** The first start of the team that the agent owns, if it is one. */
  setup = $state.raw<Setup | null>(null);
  /** Every account of this desktop, the one that the window looks at included. */
  accounts = $state.raw<readonly AccountView[]>([]);
  /** The dialog of the agent's menu that is open; "appearance" is the settings, opened there. */
  asks = $state<"settings" | "appearance" | "network" | "diagnostics" | null>(null);
  /** For the polite live region. */
  announcement = $state("");
  /** What went wrong with no better place to say so. */
  failure = $state.raw<Failing | null>(null);
  /** Now, to the minute: rows and day separators follow it. */
  now = $state(0);
  #backend: Backend;

  constructor(backend: Backend, region: Region, preferences = new PreferencesController(), language = "en") {
    this.#backend = backend;
    this.region = region;
    this.preferences = preferences;
    this.language = language;
    this.palette = new Palette(backend);
    this.counts = new CountsController(backend);
    this.standing = new Standing(backend);
    this.update = new Update(backend);
    this.session = new SessionController(backend, () => this.loadAll());
    this.list = new Conversations(backend);
    this.drafts = new Drafts(backend);
    this.search = new Search(backend);
    this.settings = new Settings(backend);
    this.teams = new Teams(backend);
    this.colleagues = new ColleaguesController(backend);
    this.pictures = new Pictures(backend);
    this.reading = new Reading(backend, this);
    this.now = backend.now();
  }

  start(): Promise<void> {
    return this.#attempt(async () => {
      // Together: what happens before the window listens is held back for it.
      await Promise.all([this.#listen(), this.loadAll()]);
      await this.update.look();
    });
  }

  async #listen(): Promise<void> {
    await this.#backend.onEvent((event) => void this.handle(event));
    await this.#backend.uiReady();
  }

  /** Called every now and then, and with every event. */
  tick(): void {
    this.now = this.#backend.now();
  }

  /** Called every now and then, and when the agent comes back to the window: also what the line under the composer says of the hour. */
  minute(): void {
    this.tick();
    void this.update.look();
    void this.open?.composer.look();
  }

  /** Speaks another language from here on, or the system's. Everything stays where it is. */
  speak(wanted: string | null, system: readonly string[]): Promise<void> {
    this.preferences.set({ language: wanted });
    return this.#attempt(async () => {
      const language = await speakIn(wanted, system);
      this.region = { ...this.region, ...localRegion(system, language) };
      this.language = language;
    });
  }

  /** The program as it is installed now. What was typed is kept first. */
  restart(): Promise<void> {
    return this.#attempt(async () => {
      await this.drafts.flushAll();
      await this.update.restart();
    });
  }

  // Threads

  get open(): OpenThread | null {
    return this.reading.open;
  }

  openConversation(contactId: ContactId): void {
    this.reading.openConversation(contactId);
  }

  openHit(hit: Hit): void {
    this.reading.openHit(hit);
  }

  closeConversation(): void {
    this.reading.closeConversation();
  }

  setWindowFocused(focused: boolean): void {
    this.reading.setWindowFocused(focused);
  }

  /** Whoever looks at a thread reads it: so it is left, and waits as unread. */
  async markUnread(): Promise<void> {
    const acting = this.open?.acting;
    if (acting === undefined) return;
    this.closeConversation();
    if (!(await acting.markUnread())) this.failure = acting.failure;
  }

  /** The agent has seen why something was taken back. */
  dismissTakenBack(one: TakenBack): Promise<void> {
    return this.#attempt(() => this.standing.dismissTakenBack(one));
  }

  // Teams

  /** The list and its figures show one team, or all of them. */
  async showTeam(workspaceId: WorkspaceId | null): Promise<void> {
    this.preferences.set({ workspace: workspaceId });
    await this.#showTeam();
  }

  /** Whether another team is shown now. */
  async #showTeam(): Promise<boolean> {
    const wanted = this.preferences.value.workspace;
    const teams = this.session.signedIn?.workspaces ?? [];
    const team = teams.length > 1 && teams.some(({ id }) => id === wanted) ? wanted : null;
    const changes = team !== this.list.workspaceId;
    this.counts.setTeam(team);
    await this.list.setTeam(team);
    return changes;
  }

  /** What is set for a team: the one that is shown, or the first that the agent may set anything for. */
  adminOf(): Admin | null {
    const teams = this.session.signedIn?.workspaces ?? [];
    const mine = teams.filter(({ role }) => role !== "agent");
    const team = mine.find(({ id }) => id === this.list.workspaceId) ?? mine[0];
    return team === undefined ? null : new Admin(this.#backend, team.id);
  }

  // Session

  /** What would be lost by signing out now. Where nobody can tell, the agent is not kept from it. */
  async unsent(): Promise<Unsent> {
    return await this.#backend.unsent().catch(() => ({ texts: 0, actions: 0 }));
  }

  signOut(): Promise<void> {
    return this.#attempt(async () => {
      await this.drafts.flushAll();
      await this.session.signOut();
      this.forget();
      await this.#backend.leaveAccount();
    });
  }

  // Accounts

  switchAccount(id: number): Promise<void> {
    return this.#leaveAccount(() => this.#backend.switchAccount(id));
  }

  addAccount(): Promise<void> {
    return this.#leaveAccount(() => this.#backend.addAccount());
  }

  #leaveAccount(go: () => Promise<void>): Promise<void> {
    return this.#attempt(async () => {
      // What was typed belongs to the account that is left.
      await this.drafts.flushAll();
      await go();
    });
  }

  // Events

  handle(event: ClientEvent): Promise<void> {
    this.tick();
    return hear(this, this.#backend, event);
  }

  /** Loads all that is on screen. Whoever was signed in before and is not now, leaves nothing behind. */
  loadAll(): Promise<void> {
    return this.#attempt(async () => {
      const before = this.session.signedIn?.userId;
      // A window that shows nothing yet asks for its first rows before it knows whose they are.
      const early = this.session.value === null ? this.#loadListEarly() : null;
      await this.session.load();
      const now = this.session.signedIn?.userId;
      this.list.tellMe(now ?? null);
      if (before !== undefined && before !== now) this.forget();
      const always = [
        this.connection.load(this.#backend),
        this.loadAccounts(),
        this.standing.loadLocalCopy(),
      ];
      if (now === undefined) {
        this.list.forget();
        await Promise.all(always);
        return;
      }
      const changes = await this.#showTeam();
      void this.counts.refresh();
      await Promise.all([
        ...always,
        changes ? this.list.load() : (early ?? this.list.load()),
        this.standing.loadAudit(),
        this.standing.loadTakenBack(),
        this.settings.loadNotifications(),
        this.colleagues.load(),
        ...(this.session.signedIn?.workspaces ?? []).map(({ id }) => this.teams.load(id)),
        this.open?.thread.reload(),
        this.open?.later.refresh(),
        this.search.refresh(),
      ]);
      this.#lookAtSetup();
      this.reading.markRead();
    });
  }

  async #loadListEarly(): Promise<void> {
    await this.list.setTeam(this.preferences.value.workspace);
    await this.list.load();
  }

  /** An owner is led from a server that cannot text to a team that does. */
  #lookAtSetup(): void {
    const owned = this.session.signedIn?.workspaces.find(({ role }) => role === "owner");
    if (owned === undefined || this.session.signedIn?.expired === true) this.setup = null;
    else if (this.setup?.workspaceId !== owned.id) {
      this.setup = new Setup(this.#backend, owned.id, this.preferences);
      void this.setup.look();
    }
  }

  async loadAccounts(): Promise<void> {
    this.accounts = await this.#backend.accounts().catch(() => this.accounts);
  }

  /** Somebody else looks at the window, or nobody: nothing of what was on screen stays. */
  forget(): void {
    this.reading.forget();
    this.list.forget();
    this.counts.forget();
    this.palette.close();
    this.drafts.forget();
    this.search.close();
    this.teams.forget();
    this.colleagues.forget();
    this.pictures.forget();
    this.setup = null;
    this.standing.forget();
    this.announcement = "";
  }

  /** What goes wrong here has no better place to be said. */
  async #attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (thrown) {
      this.failure = failingFrom(thrown);
    }
  }
}

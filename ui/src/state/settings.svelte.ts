// What the agent wants to be told, how the program behaves on this desktop, and what to tell whoever is asked for help.

import type { Backend } from "@/backend/backend";
import type { DesktopSettings } from "@/bindings/DesktopSettings";
import type { DoNotDisturb } from "@/bindings/DoNotDisturb";
import type { HoldConditions } from "@/bindings/HoldConditions";
import type { NetworkSettings } from "@/bindings/NetworkSettings";
import type { NetworkWish } from "@/bindings/NetworkWish";
import type { Storage } from "@/bindings/Storage";
import type { NotificationSettings } from "@/bindings/NotificationSettings";
import { Told } from "@/lib/told";
import { Direct } from "./direct.svelte";
import { failingFrom, type Failing } from "./failing";

/** What holds until the engine has answered. */
const USUAL: NotificationSettings = {
  content: "nameAndText",
  mineOnly: false,
  sound: true,
  doNotDisturb: { state: "off" },
};

export class Settings {
  notifications = $state.raw<NotificationSettings>(USUAL);
  /** `null` until the settings are looked at. */
  desktop = $state.raw<DesktopSettings | null>(null);
  /** When a text that waited is held; `null` until it is looked at. */
  hold = $state.raw<HoldConditions | null>(null);
  /** What this machine keeps; `null` until it is looked at. */
  storage = $state.raw<Storage | null>(null);
  /** `null` until the way to the server is looked at. */
  network = $state.raw<NetworkSettings | null>(null);
  /** The text of the diagnostics; `null` while it is being written. */
  diagnostics = $state.raw<string | null>(null);
  /** Why the password could not be changed. */
  passwordFailure = $state.raw<Failing | null>(null);
  changingPassword = $state(false);
  /** Why the last thing could not be done. */
  failure = $state.raw<Failing | null>(null);
  /** Working without the server. */
  readonly direct: Direct;
  #backend: Backend;
  #told = new Told<NotificationSettings>((settings) => (this.notifications = settings));

  constructor(backend: Backend) {
    this.#backend = backend;
    this.direct = new Direct(backend.direct);
  }

  /** Whether the agent is left alone at this moment. */
  isQuiet(now: number): boolean {
    const quiet = this.notifications.doNotDisturb;
    return quiet.state === "on" || (quiet.state === "until" && now < Date.parse(quiet.until));
  }

  /** Answers whether it was done. */
  async changePassword(current: string, next: string): Promise<boolean> {
    this.passwordFailure = null;
    this.changingPassword = true;
    try {
      await this.#backend.changePassword(current, next);
      return true;
    } catch (thrown) {
      this.passwordFailure = failingFrom(thrown);
      return false;
    } finally {
      this.changingPassword = false;
    }
  }

  forgetPasswordFailure(): void {
    this.passwordFailure = null;
  }

  async loadNotifications(): Promise<void> {
    // What cannot be asked for is told with the next event.
    await this.#told.ask(() => this.#backend.notificationSettings()).catch(() => undefined);
  }

  async loadAll(): Promise<void> {
    this.failure = null;
    await this.#attempt(async () => {
      [this.desktop, this.hold] = await Promise.all([
        this.#backend.desktopSettings(),
        this.#backend.holdConditions(),
      ]);
    });
  }

  async loadStorage(): Promise<void> {
    this.failure = null;
    await this.#attempt(async () => {
      this.storage = await this.#backend.storage();
    });
  }

  /** Fetches the copy of the team's texts anew. */
  async rebuild(): Promise<boolean> {
    this.failure = null;
    return this.#attempt(() => this.#backend.rebuild());
  }

  async setHold(change: Partial<HoldConditions>): Promise<void> {
    if (this.hold === null) return;
    const before = this.hold;
    this.hold = { ...before, ...change };
    this.failure = null;
    const kept = await this.#attempt(() => this.#backend.setHoldConditions({ ...before, ...change }));
    if (!kept) this.hold = before;
  }

  async loadNetwork(): Promise<void> {
    this.failure = null;
    await this.#attempt(async () => {
      this.network = await this.#backend.networkSettings();
    });
  }

  /** Once it is kept, the program starts again. */
  async setNetwork(wish: NetworkWish): Promise<boolean> {
    this.failure = null;
    return this.#attempt(() => this.#backend.setNetworkSettings(wish));
  }

  async loadDiagnostics(): Promise<void> {
    this.failure = null;
    this.diagnostics = null;
    await this.#attempt(async () => {
      this.diagnostics = await this.#backend.diagnostics();
    });
  }

  /** Shown at once, and taken back when it could not be kept. */
  async setNotifications(change: Partial<NotificationSettings>): Promise<void> {
    const wanted = { ...this.notifications, ...change };
    this.#told.tell(wanted);
    this.failure = null;
    if (!(await this.#attempt(() => this.#backend.setNotificationSettings(wanted))))
      await this.loadNotifications();
  }

  leaveAlone(doNotDisturb: DoNotDisturb): Promise<void> {
    return this.setNotifications({ doNotDisturb });
  }

  async setDesktop(change: Partial<DesktopSettings>): Promise<void> {
    if (this.desktop === null) return;
    const before = this.desktop;
    this.desktop = { ...before, ...change };
    this.failure = null;
    const kept = await this.#attempt(() => this.#backend.setDesktopSettings({ ...before, ...change }));
    if (!kept) this.desktop = before;
  }

  /** Whether it could be done. */
  async #attempt(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (thrown) {
      this.failure = failingFrom(thrown);
      return false;
    }
  }
}

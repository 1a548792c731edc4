// How it stands with what this machine keeps, with the comparison with Twilio, and with what the server took back. Asked for when the engine
// says that it changed.

import type { Backend } from "@/backend/backend";
import type { Audit } from "@/bindings/Audit";
import type { LocalCopy } from "@/bindings/LocalCopy";
import type { TakenBack } from "@/bindings/TakenBack";
import { Told } from "@/lib/told";

export class Standing {
  localCopy = $state.raw<LocalCopy>({ rebuilding: null, diskFull: false, clock: null, notices: [] });
  /** What the newest comparison with Twilio came to. */
  audit = $state.raw<Audit | null>(null);
  /** What the agent did and the server refused, oldest first. */
  takenBack = $state.raw<readonly TakenBack[]>([]);
  #backend: Backend;
  #localCopy = new Told<LocalCopy>((copy) => (this.localCopy = copy));

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async loadLocalCopy(): Promise<void> {
    // What cannot be asked for is told with the next event.
    await this.#localCopy.ask(() => this.#backend.localCopy()).catch(() => undefined);
  }

  /** A notice was read. */
  async dismissNotice(id: number): Promise<void> {
    await this.#backend.dismissNotice(id).catch(() => undefined);
    await this.loadLocalCopy();
  }

  async loadAudit(): Promise<void> {
    // It is told again within minutes, and nobody waits for it.
    this.audit = await this.#backend.audit().catch(() => null);
  }

  async loadTakenBack(): Promise<void> {
    // It stays where it is kept until it was dismissed: the next look finds it.
    this.takenBack = await this.#backend.takenBack().catch(() => this.takenBack);
  }

  /** The agent has seen why something was taken back. */
  dismissTakenBack(one: TakenBack): Promise<void> {
    return this.#backend.dismissTakenBack(one.id);
  }

  /** Somebody else looks at the window. */
  forget(): void {
    this.takenBack = [];
    this.audit = null;
  }
}

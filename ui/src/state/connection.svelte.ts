// How the desktop stands to its server, and the outage that the bar tells about.

import type { Backend } from "@/backend/backend";
import type { Connection } from "@/bindings/Connection";
import { Told } from "@/lib/told";

export interface Outage {
  /** Milliseconds since 1970. */
  since: number;
  reason: string;
  waiting: number;
}

export class ConnectionController {
  value = $state.raw<Connection>({ state: "connecting" });
  /**
   * The outage that still lasts. It outlives the attempts to connect again, so that the bar does not flicker with each of
   * them.
   */
  outage = $state.raw<Outage | null>(null);

  #told = new Told<Connection>((connection) => this.#set(connection));

  /** Whether the server can be asked. */
  get isOnline(): boolean {
    return this.value.state === "live" || this.value.state === "syncing";
  }

  tell(connection: Connection): void {
    this.#told.tell(connection);
  }

  load(backend: Backend): Promise<void> {
    return this.#told.ask(() => backend.connection());
  }

  #set(connection: Connection): void {
    this.value = connection;
    switch (connection.state) {
      case "offline":
        this.outage = {
          since: Date.parse(connection.since),
          reason: connection.reason,
          waiting: connection.waiting,
        };
        break;
      case "connecting":
        break;
      case "live":
      case "direct":
      case "syncing":
      case "incompatible":
      case "signedOut":
        this.outage = null;
    }
  }
}

// How the fake stands to its server when the window opens.

import type { Connection } from "@/bindings/Connection";
import type { FakeState } from "./scenario";

export function connectionAtStart(state: FakeState, waiting: number, now: number): Connection {
  switch (state) {
    case "signin":
    case "keychainlocked":
    case "expired":
    case "leaseover":
      return { state: "signedOut" };
    case "syncing":
    case "rebuilding":
      return { state: "syncing", done: 8_320, total: 20_480 };
    case "connecting":
      return { state: "connecting" };
    case "offline":
      return {
        state: "offline",
        since: new Date(now - 12 * 60_000).toISOString(),
        reason: "The server cannot be reached: nothing answers at this address.",
        waiting: waiting,
      };
    case "incompatible":
      return {
        state: "incompatible",
        reason:
          "This Deskline speaks version 1 of the protocol, and the server wants a newer one. Update Deskline.",
      };
    case "direct":
      return { state: "direct" };
    case "live":
    case "accounts":
    case "teams":
    case "empty":
    case "memoryonly":
    case "notwilio":
    case "diskfull":
    case "wrongclock":
    case "noaccess":
    case "restored":
    case "held":
    case "takenback":
    case "update":
      return { state: "live" };
  }
}

// What is set in the fake, and its diagnostics. Kept for as long as the page is open.

import type { AccountView } from "@/bindings/AccountView";
import type { DesktopSettings } from "@/bindings/DesktopSettings";
import type { NetworkSettings } from "@/bindings/NetworkSettings";
import type { NetworkWish } from "@/bindings/NetworkWish";
import type { NotificationSettings } from "@/bindings/NotificationSettings";
import { CommandError } from "../errors";
import type { Shelf } from "./shelf";

/** A second account, in the state `accounts`. Its conversations are nobody's: it is there to be seen in the menu. */
export const SECOND: AccountView = {
  id: 1,
  email: "nora@westside-bikes.example",
  server: "https://desk.westside-bikes.example",
  unread: 3,
  current: false,
};

export class Preferences {
  notifications: NotificationSettings = {
    content: "nameAndText",
    mineOnly: false,
    sound: true,
    doNotDisturb: { state: "off" },
  };
  network: NetworkSettings = { proxy: "system", address: "", user: "", hasCertificates: false };
  desktop: DesktopSettings = { closeToTray: true, startAtLogin: false };

  setNetwork({ settings, certificates }: NetworkWish): void {
    if (settings.proxy === "manual" && settings.address.trim() === "")
      throw new CommandError("refused", "The address of a proxy looks like proxy.example.com:8080.");
    if (certificates.type === "put" && !certificates.pem.includes("BEGIN CERTIFICATE"))
      throw new CommandError("refused", "The file holds no certificate. It has to be a PEM file.");
    this.network = settings;
  }
}

/** As the engine writes them: figures and states alone. */
export function diagnosticsOf(shelf: Shelf, connection: string, now: number): string {
  const lines = {
    Deskline: "0.1.0",
    Written: new Date(now).toISOString().replace(/\.\d+Z$/, "Z"),
    System: "a browser, on the fake engine",
    Connection: connection,
    Conversations: shelf.contacts.length,
    "Texts waiting": shelf.waiting().length,
    Unread: shelf.unread(),
    "Last warnings": "none",
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");
}

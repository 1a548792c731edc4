// Who is signed in to the fake, how it stands with the server, and what this machine keeps.

import type { AccountView } from "@/bindings/AccountView";
import type { Audit } from "@/bindings/Audit";
import type { Connection } from "@/bindings/Connection";
import type { LocalCopy } from "@/bindings/LocalCopy";
import type { Session } from "@/bindings/Session";
import type { SignIn } from "@/bindings/SignIn";
import { CommandError } from "../errors";
import { SECOND } from "./preferences";
import { SERVER, unreachable } from "./refusals";
import { checkSignIn, signedIn, signedOut } from "./session";
import { FakeEngine } from "./engine";

const FIRST = "nora@northside-bikes.example";

export class FakeAccounts extends FakeEngine {
  session(): Promise<Session> {
    return Promise.resolve(this.sessionNow);
  }

  signIn(request: SignIn): Promise<Session> {
    return new Promise((resolve, reject) => {
      this.clock.after(400, () => {
        const refusal = checkSignIn(request);
        if (refusal) {
          reject(refusal);
          return;
        }
        this.sessionNow = signedIn(request.server, request.email);
        this.connectionNow = { state: "live" };
        this.emit({ type: "sessionChanged" });
        this.emit({ type: "connectionChanged", connection: this.connectionNow });
        this.lifecycle.wake();
        resolve(this.sessionNow);
      });
    });
  }

  signOut(): Promise<void> {
    this.sessionNow = signedOut(this.sessionNow);
    this.connectionNow = { state: "signedOut" };
    this.emit({ type: "sessionChanged" });
    this.emit({ type: "connectionChanged", connection: this.connectionNow });
    return Promise.resolve();
  }

  changePassword(current: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.clock.after(400, () => {
        if (!this.isOnline()) reject(unreachable());
        else if (current === "wrong")
          reject(new CommandError("refused", "That is not your present password."));
        else resolve();
      });
    });
  }

  accounts(): Promise<AccountView[]> {
    const current = this.account === 0;
    const gone = current && this.sessionNow.state === "signedOut";
    const first = {
      id: 0,
      email: gone ? null : FIRST,
      server: gone ? null : SERVER,
      unread: this.shelf.unread(),
      current,
    };
    if (this.scenario.state !== "accounts") return Promise.resolve([first]);
    return Promise.resolve([first, { ...SECOND, current: this.account === SECOND.id }]);
  }

  switchAccount(id: number): Promise<void> {
    const server = id === SECOND.id ? (SECOND.server ?? SERVER) : SERVER;
    const email = id === SECOND.id ? (SECOND.email ?? "") : FIRST;
    this.account = id;
    this.sessionNow = signedIn(server, email);
    this.emit({ type: "accountSwitched" });
    return Promise.resolve();
  }

  addAccount(): Promise<void> {
    this.account = 2;
    this.sessionNow = { state: "signedOut", lastServer: null, lastEmail: null, keychainTrouble: null };
    this.emit({ type: "accountSwitched" });
    return Promise.resolve();
  }

  leaveAccount(): Promise<void> {
    if (this.scenario.state !== "accounts") return Promise.resolve();
    return this.switchAccount(this.account === SECOND.id ? 0 : SECOND.id);
  }

  connection(): Promise<Connection> {
    return Promise.resolve(this.connectionNow);
  }

  audit(): Promise<Audit | null> {
    return Promise.resolve(this.auditNow);
  }

  localCopy(): Promise<LocalCopy> {
    return Promise.resolve(this.localCopyNow);
  }

  dismissNotice(id: number): Promise<void> {
    const notices = this.localCopyNow.notices.filter((notice) => notice.id !== id);
    this.setLocalCopy({ ...this.localCopyNow, notices });
    return Promise.resolve();
  }
}

// Who is signed in, and the sign-in form's fate.

import type { Backend } from "@/backend/backend";
import type { Session } from "@/bindings/Session";
import type { SignIn } from "@/bindings/SignIn";
import { failingFrom, type Failing } from "./failing";

export class SessionController {
  /** `null` until the engine has answered for the first time. */
  value = $state.raw<Session | null>(null);
  busy = $state(false);
  failure = $state.raw<Failing | null>(null);
  #backend: Backend;
  #onSignedIn: () => Promise<void>;

  /** `onSignedIn` loads what the agent sees; it does not wait for an event that says the same. */
  constructor(backend: Backend, onSignedIn: () => Promise<void>) {
    this.#backend = backend;
    this.#onSignedIn = onSignedIn;
  }

  get signedIn(): Extract<Session, { state: "signedIn" }> | null {
    return this.value?.state === "signedIn" ? this.value : null;
  }

  async load(): Promise<void> {
    this.value = await this.#backend.session();
  }

  /** Whether it worked; if not, `failure` says why. */
  async signIn(request: SignIn): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.failure = null;
    try {
      this.value = await this.#backend.signIn(request);
      void this.#onSignedIn();
      return true;
    } catch (thrown) {
      this.failure = failingFrom(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }

  async signOut(): Promise<void> {
    await this.#backend.signOut();
    this.failure = null;
    await this.load();
  }
}

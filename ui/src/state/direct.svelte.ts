// How it stands with working without the server, and accounts that are entered by hand. One at a time is asked for.

import type { DirectBackend } from "@/backend/direct";
import type { DirectWork } from "@/bindings/DirectWork";
import type { TwilioLogin } from "@/bindings/TwilioLogin";
import { failingFrom, type Failing } from "./failing";

export class Direct {
  /** `null` until it is looked at. */
  now = $state.raw<DirectWork | null>(null);
  /** Twilio is being asked. */
  busy = $state(false);
  failure = $state.raw<Failing | null>(null);
  #backend: DirectBackend;

  constructor(backend: DirectBackend) {
    this.#backend = backend;
  }

  load(): Promise<boolean> {
    return this.#attempt(() => this.#backend.directWork());
  }

  enter(login: TwilioLogin): Promise<boolean> {
    return this.#attempt(() => this.#backend.enterTwilio(login));
  }

  forget(accountSid: string): Promise<boolean> {
    return this.#attempt(() => this.#backend.forgetTwilio(accountSid));
  }

  /** Whether it could be done. */
  async #attempt(act: () => Promise<DirectWork>): Promise<boolean> {
    this.failure = null;
    this.busy = true;
    try {
      this.now = await act();
      return true;
    } catch (thrown) {
      this.failure = failingFrom(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}

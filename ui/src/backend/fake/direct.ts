// A Twilio account entered by hand, in the fake. A secret of "wrong" is one that Twilio does not take.

import type { DirectWork } from "@/bindings/DirectWork";
import type { TwilioLogin } from "@/bindings/TwilioLogin";
import type { DirectBackend } from "../direct";
import { CommandError } from "../errors";

export class FakeDirect implements DirectBackend {
  #now: DirectWork;

  constructor(ready: boolean) {
    this.#now = { ready, accounts: [] };
  }

  directWork(): Promise<DirectWork> {
    return Promise.resolve(this.#now);
  }

  enterTwilio({ accountSid, keySid, secret }: TwilioLogin): Promise<DirectWork> {
    if (secret === "wrong")
      return Promise.reject(
        new CommandError(
          "unreachable",
          "Deskline cannot work without the server: Twilio does not take this account with this key or token.",
        ),
      );
    const others = this.#now.accounts.filter((account) => account.accountSid !== accountSid);
    this.#now = {
      ...this.#now,
      accounts: [...others, { accountSid, keySid: keySid === "" ? null : keySid }],
    };
    return this.directWork();
  }

  forgetTwilio(accountSid: string): Promise<DirectWork> {
    const accounts = this.#now.accounts.filter((account) => account.accountSid !== accountSid);
    this.#now = { ...this.#now, accounts };
    return this.directWork();
  }
}

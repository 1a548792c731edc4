// Working without the team's server, as far as this desktop has a say in it. Part of the one inlet: `backend.direct`.

import type { DirectWork } from "@/bindings/DirectWork";
import type { TwilioLogin } from "@/bindings/TwilioLogin";

export interface DirectBackend {
  directWork(): Promise<DirectWork>;
  /** Asks Twilio, and keeps it in the keychain if Twilio takes it. */
  enterTwilio(login: TwilioLogin): Promise<DirectWork>;
  forgetTwilio(accountSid: string): Promise<DirectWork>;
}

// Signing in to the fake: any password but "wrong" fits, and some servers are not what they should be.

import type { Session } from "@/bindings/Session";
import type { SignIn } from "@/bindings/SignIn";
import { CommandError } from "../errors";
import type { FakeState } from "./scenario";
import { ME, SECOND_WORKSPACE, WORKSPACE } from "./team";

const EMAIL = "nora@northside-bikes.example";

export function signedIn(server: string, email: string, several = false): Session {
  return {
    state: "signedIn",
    server,
    email,
    userId: ME,
    workspaces: [
      { id: WORKSPACE, name: "Northside Bikes", role: "agent" },
      ...(several ? [{ id: SECOND_WORKSPACE, name: "Westside Bikes", role: "agent" }] : []),
    ],
    expired: false,
    memoryOnly: false,
  };
}

export function signedOut(before: Session): Session {
  return before.state === "signedIn"
    ? { state: "signedOut", lastServer: before.server, lastEmail: before.email }
    : before;
}

export function sessionAtStart(state: FakeState, server: string): Session {
  if (state === "signin") return { state: "signedOut", lastServer: null, lastEmail: null };
  const session = signedIn(server, EMAIL, state === "teams");
  if (session.state !== "signedIn") return session;
  return {
    ...session,
    expired: state === "expired" || state === "leaseover",
    memoryOnly: state === "memoryonly",
  };
}

/** Why this sign-in fails, or `null`. */
export function checkSignIn(request: SignIn): CommandError | null {
  let host: string;
  try {
    host = new URL(request.server).hostname;
  } catch {
    return notAServer(request.server);
  }
  if (host.startsWith("unreachable"))
    return new CommandError(
      "unreachable",
      `The server at ${request.server} cannot be reached: nothing answers at this address. Check the address and your connection.`,
    );
  if (host.startsWith("not-a-server")) return notAServer(request.server);
  if (host.startsWith("old"))
    return new CommandError(
      "incompatible",
      "The server speaks version 1 of the protocol, and this Deskline needs version 2. Ask whoever runs the server to update it.",
    );
  if (request.password === "wrong")
    return new CommandError("badCredentials", "The e-mail address or the password is wrong.");
  return null;
}

function notAServer(server: string): CommandError {
  return new CommandError(
    "notAServer",
    `There is no Deskline server at ${server}. Check the address with whoever runs it.`,
  );
}

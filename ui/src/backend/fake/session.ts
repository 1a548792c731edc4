// Signing in to the fake: any password but "wrong" fits, and some servers are not what they should be.

import type { Session } from "@/bindings/Session";
import type { SignIn } from "@/bindings/SignIn";
import { CommandError } from "../errors";
import type { FakeRole, Scenario } from "./scenario";
import { ME, SECOND_WORKSPACE, WORKSPACE } from "./team";

const EMAIL = "nora@northside-bikes.example";

const LOCKED =
  "The system’s keychain cannot be used: it is locked, or access was refused. Unlock it, and Deskline goes on by itself.";

export function signedIn(
  server: string,
  email: string,
  { several = false, role = "agent" }: { several?: boolean; role?: FakeRole } = {},
): Session {
  return {
    state: "signedIn",
    server,
    email,
    userId: ME,
    workspaces: [
      { id: WORKSPACE, name: "Northside Bikes", role },
      ...(several ? [{ id: SECOND_WORKSPACE, name: "Westside Bikes", role: "agent" }] : []),
    ],
    expired: false,
    memoryOnly: false,
  };
}

export function signedOut(before: Session): Session {
  return before.state === "signedIn"
    ? { state: "signedOut", lastServer: before.server, lastEmail: before.email, keychainTrouble: null }
    : before;
}

export function sessionAtStart({ state, role }: Scenario, server: string): Session {
  if (state === "signin" || state === "keychainlocked")
    return {
      state: "signedOut",
      lastServer: null,
      lastEmail: null,
      keychainTrouble: state === "keychainlocked" ? LOCKED : null,
    };
  const session = signedIn(server, EMAIL, { several: state === "teams", role });
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

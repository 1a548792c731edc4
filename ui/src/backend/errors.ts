// What a command fails with, and what the agent can do about it.

import type { CommandError as Wire } from "@/bindings/CommandError";
import type { ErrorCode } from "@/bindings/ErrorCode";
import { t } from "@/lib/words";

const codes: readonly ErrorCode[] = [
  "signedOut",
  "badCredentials",
  "notAServer",
  "unreachable",
  "incompatible",
  "refused",
  "notFound",
  "alreadySent",
  "inUse",
  "diskFull",
  "internal",
];

/** A code to react to and a sentence to show. Thrown by both backends. */
export class CommandError extends Error implements Wire {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = "CommandError";
    this.code = code;
  }
}

/** Reads what a failed command threw. Whatever is no `{code, message}` becomes `internal`. */
export function toCommandError(thrown: unknown): CommandError {
  if (thrown instanceof CommandError) return thrown;
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
    const { code, message } = thrown;
    const known = codes.find((candidate) => candidate === code);
    if (known !== undefined && typeof message === "string") return new CommandError(known, message);
  }
  return new CommandError(
    "internal",
    typeof thrown === "string" && thrown !== "" ? thrown : t("error.unknown"),
  );
}

/** What to do about it; empty where the sentence of the engine says so already. */
export function hintFor(code: ErrorCode): string {
  switch (code) {
    case "badCredentials":
      return t("hint.badCredentials");
    case "notAServer":
      return t("hint.notAServer");
    case "unreachable":
      return t("hint.unreachable");
    case "internal":
      return t("hint.internal");
    case "signedOut":
    case "incompatible":
    case "refused":
    case "notFound":
    case "alreadySent":
    case "inUse":
    case "diskFull":
      return t("hint.none");
  }
}

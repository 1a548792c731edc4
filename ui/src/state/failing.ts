// A failure as the window shows it: what happened, and what to do.

import type { ErrorCode } from "@/bindings/ErrorCode";
import { hintFor, toCommandError } from "@/backend/errors";

export interface Failing {
  code: ErrorCode;
  /** What happened, in a sentence. */
  sentence: string;
  /** What to do about it; empty where the sentence says so. */
  hint: string;
}

export function failingFrom(thrown: unknown): Failing {
  const { code, message } = toCommandError(thrown);
  return { code, sentence: message, hint: hintFor(code) };
}

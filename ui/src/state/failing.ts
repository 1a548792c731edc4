// A failure as the window shows it: what happened, and what to do.

import type { ErrorCode } from "@/bindings/ErrorCode";
import { told } from "@/lib/engine";
import { hintFor, toCommandError } from "@/backend/errors";

export interface Failing {
  code: ErrorCode;
  /** What happened, in a sentence. */
  sentence: string;
  /** What to do about it; empty where the sentence says so. */
  hint: string;
}

/** With its full stop: some of the engine's messages are also parts of longer ones and end without. */
function sentenceOf(message: string): string {
  return /[\p{L}\p{N})\]"”’]$/u.test(message) ? `${message}.` : message;
}

export function failingFrom(thrown: unknown): Failing {
  const { code, message } = toCommandError(thrown);
  return { code, sentence: sentenceOf(told(message)), hint: hintFor(code) };
}

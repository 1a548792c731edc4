// The sentences with which the fake refuses, as the engine says them.

import type { Message } from "@/bindings/Message";
import type { Refusal } from "@/bindings/Refusal";
import { CommandError } from "../errors";
import { refusalOf, type Outgoing } from "./outlook";
import type { Contact } from "./shelf";

export const SERVER = "https://desk.northside-bikes.example";

export function diskFull(): CommandError {
  return new CommandError(
    "diskFull",
    "The disk of this computer is full, so that nothing can be kept. Make some room, and try again.",
  );
}

export function unreachable(): CommandError {
  return new CommandError(
    "unreachable",
    `The server at ${SERVER} cannot be reached: nothing answers at this address. Check the address and your connection.`,
  );
}

export function leaving(): CommandError {
  return new CommandError(
    "alreadySent",
    "This text cannot be called off any more: it has left, or is leaving at this moment.",
  );
}

export function notFound(what: string): CommandError {
  return new CommandError(
    "notFound",
    `This ${what} is not on this machine. It may have been removed meanwhile.`,
  );
}

export const outgoing = (contact: Contact, text: string, files = contact.attachments.length): Outgoing => ({
  to: contact.phone,
  text,
  files,
  optedOut: contact.optedOut,
});

/** The engine's sentence for what the gate refuses. */
export function refused(outgoing: Outgoing): CommandError | null {
  const refusal = refusalOf(outgoing);
  return refusal === null ? null : new CommandError("refused", sentences[refusal]);
}

const sentences: Readonly<Record<Refusal, string>> = {
  optedOut: "This contact has opted out. They can opt in again by texting START.",
  noAddress: "This sender cannot be answered: it has a name, but no number.",
  empty: "There is nothing to send. Write a text or attach a file.",
  unsendable: "This text contains a character that cannot be sent (NUL). Remove it and send again.",
  tooLong: "This text is longer than the 1,600 characters that Twilio takes. Shorten it or send it in parts.",
  tooManyFiles: "A text can carry ten files at most. Remove some and send again.",
  filesTooLarge:
    "These files are larger than the 5 MB that Twilio takes with one text. Remove some and send again.",
};

export function neverLeft(message: Message): boolean {
  return message.state === "waiting" || message.failure?.canDiscard === true;
}

/** As over a process border: whatever is thrown rejects. */
export function attempt<Answer>(act: () => Answer): Promise<Answer> {
  return new Promise((resolve) => resolve(act()));
}

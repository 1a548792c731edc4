// Turns a script into a thread: ids, times, delivery states, and the states that only some threads show.

import type { Failure } from "@/bindings/Failure";
import type { Message } from "@/bindings/Message";
import type { MessageState } from "@/bindings/MessageState";
import { mediaOf } from "./files";
import type { Person } from "./people";
import type { Random } from "./random";
import { KIM, ME } from "./team";
import { chatter, fortyLines, scripts, type Line } from "./scripts";

const MINUTE = 60_000;

export const failures = {
  carrier: {
    code: 30007,
    explanation:
      "The carrier took this text for spam and stopped it. Rephrase it without links and send again; if it keeps happening, an admin must talk to Twilio.",
    canRetry: true,
    canDiscard: false,
  },
  handset: {
    code: 30003,
    explanation:
      "The phone could not be reached. It may be switched off, without signal, or unable to receive texts. Try again later.",
    canRetry: true,
    canDiscard: false,
  },
  parked: {
    code: 21408,
    explanation:
      "The Twilio account may not text to this country. An admin can allow it under Geo Permissions in the console.",
    canRetry: true,
    canDiscard: true,
  },
  held: {
    code: null,
    explanation: "The contact has written something that you had not seen when you wrote this.",
    canRetry: true,
    canDiscard: true,
  },
} as const satisfies Record<string, Failure>;

export function makeMessage(
  random: Random,
  contactId: string,
  at: number,
  line: { who: Line[0]; text: string; state?: MessageState; failure?: Failure; media?: string[] },
): Message {
  const inbound = line.who === "in";
  return {
    id: random.uuid(at),
    contactId,
    content: line.text,
    direction: inbound ? "inbound" : "outbound",
    state: line.state ?? (inbound ? "received" : "delivered"),
    createdAt: new Date(at).toISOString(),
    mine: line.who === "me",
    authorId: inbound ? null : line.who === "me" ? ME : KIM,
    media: (line.media ?? []).map(mediaOf),
    failure: line.failure ?? null,
    sendAt: null,
  };
}

function fromScript(random: Random, contactId: string, script: readonly Line[], end: number): Message[] {
  const total = script.reduce((sum, [, minutes]) => sum + minutes, 0);
  let at = end - total * MINUTE;
  return script.map(([who, minutes, text]) => {
    at += minutes * MINUTE;
    const media = text.startsWith("This is what") ? ["image/jpeg"] : [];
    return makeMessage(random, contactId, minutes === 0 ? at : at - random.between(0, 20_000), {
      who,
      text,
      media,
    });
  });
}

/** A thread that has run for years: `history`. */
function history(random: Random, contactId: string, end: number, size: number): Message[] {
  const messages: Message[] = new Array<Message>(size);
  let at = end;
  for (let i = size - 1; i >= 0; i--) {
    const who = random.next() < 0.5 ? "in" : random.next() < 0.7 ? "me" : "team";
    messages[i] = makeMessage(random, contactId, at, { who, text: random.pick(chatter) });
    at -= random.next() < 0.6 ? random.between(10_000, 90_000) : random.between(5 * MINUTE, 400 * MINUTE);
  }
  return messages;
}

/** The thread of a person whose newest text is at `end`. */
export function threadOf(
  random: Random,
  person: Person,
  contactId: string,
  end: number,
  historySize: number,
): Message[] {
  if (person.thread === "history") return history(random, contactId, end, historySize);
  const script = scripts[person.thread] ?? [];
  if (person.thread === "long") {
    const before = fromScript(random, contactId, scripts.fleet ?? [], end - 3 * 24 * 60 * MINUTE);
    return [...before, makeMessage(random, contactId, end, { who: "in", text: fortyLines })];
  }
  const messages = fromScript(random, contactId, script, end);
  const newest = messages[messages.length - 1];
  if (newest === undefined) return messages;

  switch (person.thread) {
    case "failed":
      newest.state = "failed";
      newest.failure = failures.carrier;
      break;
    case "unknown":
      newest.state = "unknown";
      break;
    case "parked":
      newest.state = "parked";
      newest.failure = failures.parked;
      break;
    default:
  }
  return messages;
}

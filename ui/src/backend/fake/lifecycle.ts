// What becomes of a text in the fake: waiting → on the server → accepted → sent → delivered, or what its words ask for.
//
// A text with "please fail" in it fails, "please park" is parked, "please lose" is unknown for a while and then found, and "please
// keep" stays on the server for a minute.
// Texts of one contact leave in order, and none leaves while the connection is down.

import type { Message } from "@/bindings/Message";
import type { MessageState } from "@/bindings/MessageState";
import type { Clock } from "./clock";
import type { Contact, Shelf } from "./shelf";
import { failures } from "./threads";

export interface LifecycleEvents {
  online(): boolean;
  changed(message: Message): void;
  answered(contact: Contact): void;
}

type Step = readonly [afterMs: number, state: MessageState];

const normal: readonly Step[] = [
  [150, "onServer"],
  [350, "accepted"],
  [500, "sent"],
  [900, "delivered"],
];

export class Lifecycle {
  #clock: Clock;
  #shelf: Shelf;
  #events: LifecycleEvents;
  #followed = new Set<string>();
  /** How often a text was set on its way: an older walk goes no further. */
  #walks = new Map<string, number>();

  constructor(clock: Clock, shelf: Shelf, events: LifecycleEvents) {
    this.#clock = clock;
    this.#shelf = shelf;
    this.#events = events;
  }

  /** Takes a waiting text on its way, now or as soon as the connection allows it. */
  follow(message: Message): void {
    if (message.state !== "waiting" || this.#followed.has(message.id) || !this.#events.online()) return;
    this.#followed.add(message.id);
    this.#start(message, message.sendAt === null ? planFor(message.content) : [[150, "scheduled"]]);
  }

  /** It goes no further. */
  stop(message: Message): void {
    this.#begin(message);
  }

  /** The server keeps it until its time. */
  keep(message: Message): void {
    const { sendAt } = message;
    const walk = this.#begin(message);
    this.#clock.after(Math.max(0, Date.parse(sendAt ?? "") - this.#clock.now()), () => {
      if (this.#walks.get(message.id) !== walk) return;
      message.sendAt = null;
      this.#start(message, planFor(message.content));
    });
  }

  #begin(message: Message): number {
    const walk = (this.#walks.get(message.id) ?? 0) + 1;
    this.#walks.set(message.id, walk);
    return walk;
  }

  #start(message: Message, plan: readonly Step[]): void {
    this.#walk(message, plan, this.#begin(message));
  }

  /** The connection may be back: whatever waits goes on. */
  wake(): void {
    for (const message of this.#shelf.waiting()) this.follow(message);
  }

  #walk(message: Message, plan: readonly Step[], walk: number): void {
    const [step, ...rest] = plan;
    if (step === undefined) {
      this.#followed.delete(message.id);
      if (message.state === "scheduled") {
        this.keep(message);
        return;
      }
      const contact = this.#shelf.contact(message.contactId);
      if (contact && message.state === "delivered") this.#events.answered(contact);
      return;
    }
    const [ms, state] = step;
    this.#clock.after(ms, () => {
      if (this.#walks.get(message.id) !== walk) return;
      message.state = state;
      if (state === "failed") message.failure = failures.handset;
      if (state === "parked") message.failure = failures.parked;
      this.#events.changed(message);
      this.#walk(message, rest, walk);
    });
  }
}

function planFor(text: string): readonly Step[] {
  const words = text.toLowerCase();
  if (words.includes("please fail")) return [...normal.slice(0, 3), [900, "failed"]];
  if (words.includes("please park"))
    return [
      [150, "onServer"],
      [350, "parked"],
    ];
  if (words.includes("please keep"))
    return [
      [150, "onServer"],
      [60_000, "accepted"],
    ];
  if (words.includes("please lose"))
    return [
      [150, "onServer"],
      [350, "unknown"],
      [4_000, "sent"],
      [500, "delivered"],
    ];
  return normal;
}

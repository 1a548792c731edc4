// What colleagues do in the fake: what a test or the console lets them do, and whether somebody else is at it.

import type { Claim } from "@/bindings/Claim";
import type { Colleagues } from "@/bindings/Colleagues";
import type { Clock } from "./clock";
import type { Contact } from "./shelf";
import { KIM, RAFA, WORKSPACE } from "./team";

/** How long a colleague types without being heard of again, as in the engine. */
const TYPING_MS = 6_000;

export class FakeColleagues {
  #clock: Clock;
  #changed: () => void;
  #away = false;
  #busy = new Map<string, { contactId: string; typing: boolean }>();
  /** Where each thread ended when the agent began to write there. */
  #began = new Map<string, string>();

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  get value(): Colleagues {
    return {
      atWork: [
        { workspaceId: WORKSPACE, userId: KIM, away: false },
        { workspaceId: WORKSPACE, userId: RAFA, away: true },
      ],
      busy: [...this.#busy].map(([userId, busy]) => ({ userId, ...busy })),
      away: this.#away,
    };
  }

  setAway(away: boolean): void {
    this.#away = away;
    this.#changed();
  }

  /** Lets a colleague look at a conversation, write in it, or leave it. */
  let(userId: string, contact: Contact, does: "viewing" | "typing" | "gone"): void {
    if (does === "gone") this.#busy.delete(userId);
    else this.#busy.set(userId, { contactId: contact.contactId, typing: does === "typing" });
    this.#changed();
    if (does !== "typing") return;
    this.#clock.after(TYPING_MS, () => {
      const busy = this.#busy.get(userId);
      if (busy?.typing !== true) return;
      this.#busy.set(userId, { ...busy, typing: false });
      this.#changed();
    });
  }

  /** The agent presses a key in the text to this contact, or has deleted it. */
  typing(contact: Contact, blank: boolean): void {
    if (blank) this.#began.delete(contact.contactId);
    else if (!this.#began.has(contact.contactId))
      this.#began.set(contact.contactId, contact.thread[contact.thread.length - 1]?.createdAt ?? "");
  }

  /** As crates/client/src/presence/claim.rs. */
  claim(contact: Contact): Claim | null {
    const began = this.#began.get(contact.contactId);
    const answer = contact.thread.findLast((message) => message.direction === "outbound" && !message.mine);
    if (began !== undefined && answer !== undefined && answer.createdAt > began)
      return { type: "answered", userId: answer.authorId, text: answer.content, at: answer.createdAt };
    for (const [userId, busy] of this.#busy)
      if (busy.typing && busy.contactId === contact.contactId) return { type: "typing", userId };
    return null;
  }
}

// A thread on screen with everything that belongs to it: they come and go together.

import type { Backend } from "@/backend/backend";
import { Acting } from "./acting.svelte";
import { CardController } from "./card.svelte";
import { Composer } from "./composer.svelte";
import type { Drafts } from "./drafts.svelte";
import { History } from "./history.svelte";
import { LaterTexts } from "./later.svelte";
import { Ledgers } from "./ledgers.svelte";
import { Replies } from "./replies.svelte";
import type { Teams } from "./team.svelte";
import type { Thread } from "./thread.svelte";
import { Undelivered } from "./undelivered.svelte";

export interface OpenThread {
  thread: Thread;
  composer: Composer;
  undelivered: Undelivered;
  acting: Acting;
  replies: Replies;
  card: CardController;
  ledgers: Ledgers;
  later: LaterTexts;
  history: History;
}

/** What outlives a thread: what was begun, and who is in the team. */
interface Lasting {
  drafts: Drafts;
  teams: Teams;
}

/** The composer under a thread, and what can be done with it. */
export function around(backend: Backend, thread: Thread, { drafts, teams }: Lasting): OpenThread {
  const composer = new Composer(backend, drafts, thread);
  return {
    thread,
    composer,
    undelivered: new Undelivered(backend, thread),
    acting: new Acting(backend, thread, drafts),
    replies: new Replies(backend, composer, thread, teams),
    card: new CardController(backend, thread.contactId),
    ledgers: new Ledgers(backend),
    later: new LaterTexts(backend, thread.contactId),
    history: new History(backend, thread.contactId),
  };
}

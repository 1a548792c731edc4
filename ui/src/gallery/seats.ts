// Desks of the gallery's own: each case has its engine and its open conversation, so that one does not change another.

import { ManualClock } from "@/backend/fake/clock";
import { FakeDesk } from "@/backend/fake/desk";
import { readScenario } from "@/backend/fake/scenario";
import type { Region } from "@/lib/time";
import { Desk } from "@/state/desk.svelte";
import type { OpenThread } from "@/state/open-thread";

export interface Seat {
  desk: Desk;
  fake: FakeDesk;
  open: OpenThread;
}

/** A desk that stands still, with the conversation of `slug` open. */
export async function seat(
  parameters: Readonly<Record<string, string>>,
  slug: string,
  now: number,
  region: Region,
): Promise<Seat> {
  const scenario = readScenario(new URLSearchParams({ clock: "manual", history: "60", ...parameters }));
  const fake = new FakeDesk(scenario, new ManualClock(now));
  const desk = new Desk(fake, region);
  await desk.start();
  desk.openConversation(fake.shelf.bySlug(slug)?.contactId ?? "");
  const { open } = desk;
  if (open === null) throw new RangeError(`nobody is called ${slug}`);
  await open.thread.open();
  await open.composer.look();
  return { desk, fake, open };
}

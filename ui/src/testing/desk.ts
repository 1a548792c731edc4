// A desk on the fake engine with a clock that the test moves: what unit tests of the controllers start from.

import { ManualClock } from "@/backend/fake/clock";
import { FakeDesk } from "@/backend/fake/desk";
import { readScenario } from "@/backend/fake/scenario";
import { Desk } from "@/state/desk.svelte";

/** Saturday, 21 November 2026, 15:24 UTC. */
export const NOW = Date.parse("2026-11-21T15:24:00Z");

export const UTC = { locale: "en-GB", timeZone: "UTC" };

/** Lets everything that was answered or told come through. No time passes. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 60; i++) await Promise.resolve();
}

export function fakeDesk(parameters: Record<string, string> = {}): FakeDesk {
  return new FakeDesk(
    readScenario(new URLSearchParams({ clock: "manual", history: "600", ...parameters })),
    new ManualClock(NOW),
  );
}

/** A started desk, its engine, and the id of a contact by slug. */
export async function startDesk(parameters: Record<string, string> = {}) {
  const fake = fakeDesk(parameters);
  const desk = new Desk(fake, UTC);
  await desk.start();
  await settle();
  const idOf = (slug: string) => {
    const contact = fake.shelf.bySlug(slug);
    if (!contact) throw new Error(`nobody is called ${slug}`);
    return contact.contactId;
  };
  return { desk, fake, idOf };
}

/** Who stands in these rows of the list, in their order. */
export const names = (rows: readonly { name: string }[]) => rows.map(({ name }) => name);

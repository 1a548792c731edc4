import { describe, expect, test } from "vitest";
import { settle, startDesk } from "@/testing/desk";

describe("the outbox", () => {
  test("has what only this machine has, from every conversation, and empties by itself", async () => {
    const { desk, fake } = await startDesk({ state: "offline" });
    const { outbox } = desk.counts;
    outbox.open();
    await settle();
    expect(outbox.texts.map(({ state }) => state).sort()).toEqual(["parked", "waiting", "waiting"]);
    expect(outbox.texts.map(({ contactId }) => outbox.nameOf(contactId))).toContain("Maya Lindqvist");
    expect(outbox.stuck).toBe(1);

    fake.setConnection({ state: "live" });
    fake.advance(5_000);
    await settle();
    await outbox.refresh();

    expect(outbox.texts.map(({ state }) => state)).toEqual(["parked"]);
  });

  test("retries all that is parked, and leaves what is asked about to the agent", async () => {
    const { desk } = await startDesk({ state: "held" });
    const { outbox } = desk.counts;
    outbox.open();
    await settle();
    expect(outbox.texts.map(({ state }) => state).sort()).toEqual(["held", "parked"]);

    await outbox.retryAll();

    expect(outbox.texts.map(({ state }) => state).sort()).toEqual(["held", "waiting"]);
    expect(outbox.failure).toBeNull();
  });

  test("discards one, and is forgotten with the agent", async () => {
    const { desk } = await startDesk({ state: "offline" });
    const { outbox } = desk.counts;
    outbox.open();
    await settle();
    const [first] = outbox.texts;

    await outbox.discard(first?.id ?? "");
    expect(outbox.texts).not.toContain(first);
    expect(outbox.texts).toHaveLength(2);

    await desk.signOut();
    expect(outbox.texts).toEqual([]);
    expect(outbox.isOpen).toBe(false);
  });
});

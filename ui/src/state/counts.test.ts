import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { settle, startDesk } from "@/testing/desk";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout"] }));
afterEach(() => void vi.useRealTimers());

test("the figures follow what the agent does", async () => {
  const { desk, idOf } = await startDesk();
  expect(desk.counts.of("mine")).toBe(2);
  expect(desk.counts.of("all")).toBeNull();

  desk.openConversation(idOf("owen-fitzgerald"));
  await settle();
  await desk.open?.acting.close();
  await vi.advanceTimersByTimeAsync(300);
  await settle();

  expect(desk.counts.of("mine")).toBe(1);
  expect(desk.counts.of("closed")).toBe(7);
});

test("a burst of changes is counted a few times a second", async () => {
  const { desk, fake, idOf } = await startDesk();
  await vi.advanceTimersByTimeAsync(300);
  const counts = vi.spyOn(fake, "counts");
  for (let n = 0; n < 50; n++) {
    fake.emit({ type: "conversationsChanged", contactIds: [idOf("sam-carter")] });
    await settle();
  }
  expect(counts).toHaveBeenCalledTimes(1);

  await vi.advanceTimersByTimeAsync(260);
  await settle();

  expect(counts).toHaveBeenCalledTimes(2);
  expect(desk.counts.of("open")).toBe(22);
});

test("of one team where one is shown", async () => {
  const { desk } = await startDesk({ state: "teams" });
  const all = desk.counts.of("open") ?? 0;
  await vi.advanceTimersByTimeAsync(300);

  await desk.showTeam(desk.session.signedIn?.workspaces[1]?.id ?? null);
  await settle();
  await vi.advanceTimersByTimeAsync(300);
  await settle();

  expect(desk.counts.of("open")).toBeGreaterThan(0);
  expect(desk.counts.of("open")).toBeLessThan(all);
});

// What has not left this machine, in a place of its own.

import { expect, test } from "vitest";
import { SMALL } from "./chromium";
import { opensDesks } from "./desk";
import { advance, bubble, focused, setConnection } from "./window";

const desk = opensDesks();

test("the outbox shows every text that waits, and why, and is gone once all have left", async () => {
  const page = await desk({ state: "offline" });
  await page.getByTestId("offline-bar").getByRole("button", { name: "Show them" }).click();
  const texts = page.getByTestId("outbox-text");
  await texts.nth(2).waitFor();
  expect(await texts.evaluateAll((all) => all.map((one) => one.dataset.state))).toEqual([
    "parked",
    "waiting",
    "waiting",
  ]);
  await texts.first().getByText("may not text to this country").waitFor();

  await texts.last().getByTestId("discard").click();
  await texts.nth(2).waitFor({ state: "detached" });
  await setConnection(page, { state: "live" });
  await advance(page, 5_000);
  await texts.nth(1).waitFor({ state: "detached" });
  await texts.first().getByTestId("outbox-retry").click();
  await advance(page, 5_000);

  await page.getByText("Everything has left this computer.").waitFor();
  await page.keyboard.press("Escape");
  await page.getByTestId("open-outbox").waitFor({ state: "detached" });
});

test("all that is parked is retried at once, and what is asked about is not", async () => {
  const page = await desk({ state: "held" });
  await page.evaluate(() => {
    const shelf = window.desklineFake?.shelf;
    const parked = shelf?.bySlug("hannah-osei")?.thread.at(-1);
    const other = shelf?.bySlug("owen-fitzgerald")?.thread.at(-1);
    if (parked && other) Object.assign(other, { state: "parked", failure: parked.failure });
  });
  await page.getByTestId("open-outbox").click();

  await page.getByTestId("outbox-retry-all").filter({ hasText: "Retry all 2 parked ones" }).click();
  await advance(page, 5_000);

  await page.getByTestId("outbox-text").nth(1).waitFor({ state: "detached" });
  expect(await page.getByTestId("outbox-text").getAttribute("data-state")).toBe("held");
});

test("a text of it is shown in its conversation, with the keyboard alone and in a small window", async () => {
  const page = await desk({ state: "parked" }, SMALL);
  await page.getByTestId("open-outbox").press("Enter");
  await page.getByTestId("outbox-open").press("Enter");

  await bubble(page, "Lovely bike.").locator("[data-found]").waitFor();
  await page.getByTestId("outbox").waitFor({ state: "detached" });
  expect(await focused(page)).toBe("open-outbox");
});

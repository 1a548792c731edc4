// The gallery: every part in every state, without an axe violation in either theme and without anything that sticks out.

import { expect, test } from "vitest";
import { opensDesks } from "./desk";
import { violations } from "./readable";
import { overflowing } from "./window";

const desk = opensDesks();

test("every part can be read by everybody, and nothing of it sticks out", async () => {
  const page = await desk();
  const address = new URL(page.url());
  address.pathname = "/gallery";
  await page.goto(address.toString());
  await page.getByTestId("gallery").waitFor();
  // What has a desk of its own is there a moment later.
  await page.getByTestId("composer-locked").nth(5).waitFor();
  await page.getByTestId("import-report").waitFor();
  await page.getByTestId("attachment").nth(2).waitFor();
  await page.getByTestId("claim").nth(1).waitFor();
  expect(await page.locator("[data-case]").count()).toBeGreaterThan(150);

  // The same part stands here many times.
  expect(await violations(page, ["landmark-unique"])).toEqual([]);

  for (const size of [
    { width: 1200, height: 760 },
    { width: 600, height: 380 },
  ]) {
    await page.setViewportSize(size);
    expect(await overflowing(page), `${size.width}`).toEqual([]);
  }
});

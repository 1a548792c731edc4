// The gallery: every part in every state, in both themes, without an axe violation and without anything that sticks out.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type axe from "axe-core";
import { expect, test } from "vitest";
import { opensDesks } from "./desk";
import { overflowing } from "./window";

const desk = opensDesks();
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

test.each(["light", "dark"])("every part can be read by everybody in the %s theme", async (theme) => {
  const page = await desk({ theme });
  const address = new URL(page.url());
  address.pathname = "/gallery";
  await page.goto(address.toString());
  await page.getByTestId("gallery").waitFor();
  expect(await page.locator("[data-case]").count()).toBeGreaterThan(50);

  await page.evaluate(axeSource);
  const found = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());

  expect(
    found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`),
  ).toEqual([]);
  for (const size of [
    { width: 1200, height: 760 },
    { width: 600, height: 380 },
  ]) {
    await page.setViewportSize(size);
    expect(await overflowing(page), `${size.width}`).toEqual([]);
  }
});

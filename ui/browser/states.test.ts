// Every state, both themes: no axe violation, nothing sticks out, no error on the console, nothing asked from elsewhere.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser } from "playwright-core";
import type axe from "axe-core";
import type { AxeResults } from "axe-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, launch, open, SMALL } from "./chromium";
import { states } from "./states";
import { overflowing } from "./window";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** One line for each violation: the rule and the elements. */
function told(results: AxeResults): string[] {
  return results.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map((node) => `${node.target.join(" ")} (${node.failureSummary ?? ""})`).join("; ")}`,
  );
}

/** The sizes of ui.md; the last is 1200×760 at a zoom of 200 %. */
const sizes = [DESKTOP, SMALL, { width: 600, height: 380 }];

describe.each(["light", "dark"])("in the %s theme", (theme) => {
  test.each(states)(
    "$name can be read by everybody, and nothing of it sticks out",
    async ({ parameters, prepare }) => {
      const { page, context, problems } = await open(browser, { ...parameters, theme });
      await prepare?.(page);

      await page.evaluate(axeSource);
      const results = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
      expect(told(results)).toEqual([]);

      for (const size of sizes) {
        await page.setViewportSize(size);
        expect(await overflowing(page), `${size.width}×${size.height}`).toEqual([]);
      }
      expect(problems).toEqual([]);
      await context.close();
    },
  );
});

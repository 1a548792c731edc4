// Pictures of every state in both themes and two sizes, for eyes: `npm run screenshots` writes them to build/screenshots.
// SHOTS, THEMES and SIZES (comma-separated) choose some of them.

import { mkdirSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DESKTOP, launch, open, SMALL } from "./chromium";
import { states } from "./states";

const FOLDER = "build/screenshots";

let browser: Browser;
beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  browser = await launch();
});
afterAll(() => browser.close());

const chosen = (variable: string, name: string) => process.env[variable]?.split(",").includes(name) ?? true;

for (const theme of ["light", "dark"].filter((name) => chosen("THEMES", name)))
  for (const [sizeName, size] of Object.entries({ desktop: DESKTOP, small: SMALL }).filter(([name]) =>
    chosen("SIZES", name),
  ))
    for (const { name, parameters, prepare } of states.filter((state) => chosen("SHOTS", state.name)))
      test(`${name}, ${theme}, ${sizeName}`, async () => {
        const { page, context, problems } = await open(browser, { ...parameters, theme }, size);
        await prepare?.(page);
        await page.screenshot({ path: `${FOLDER}/${name}-${theme}-${sizeName}.png`, animations: "disabled" });
        await context.close();
        expect(problems).toEqual([]);
      });

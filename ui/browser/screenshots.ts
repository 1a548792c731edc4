// Pictures of every state in both themes and two sizes, for eyes: `npm run screenshots` writes them to build/screenshots.
// SHOTS, THEMES and SIZES (comma-separated) choose some of them.

import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { close, DESKTOP, launch, open, SMALL, type Chromium } from "./chromium";
import { states } from "./states";

const FOLDER = "build/screenshots";

let chromium: Chromium;
beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  chromium = await launch();
});
afterAll(() => chromium.close());

const chosen = (variable: string, name: string) => process.env[variable]?.split(",").includes(name) ?? true;

for (const theme of ["light", "dark"].filter((name) => chosen("THEMES", name)))
  for (const [sizeName, size] of Object.entries({ desktop: DESKTOP, small: SMALL }).filter(([name]) =>
    chosen("SIZES", name),
  ))
    for (const { name, parameters, prepare } of states.filter((state) => chosen("SHOTS", state.name)))
      test(`${name}, ${theme}, ${sizeName}`, async () => {
        const opened = await open(chromium, { ...parameters, theme }, size);
        try {
          await prepare?.(opened.page);
          await opened.page.screenshot({
            path: `${FOLDER}/${name}-${theme}-${sizeName}.png`,
            animations: "disabled",
          });
        } finally {
          // What one window keeps is not the next one's, also after a state that could not be reached.
          await close(opened);
        }
        expect(opened.problems).toEqual([]);
      });

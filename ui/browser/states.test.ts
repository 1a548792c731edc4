// Every state: no axe violation in either theme, nothing sticks out, no error on the console, nothing asked from elsewhere.

import { expect, test } from "vitest";
import { DESKTOP, SMALL } from "./chromium";
import { opensDesks } from "./desk";
import { violations } from "./readable";
import { states } from "./states";
import { overflowing } from "./window";

const desk = opensDesks();

/** The sizes of the design; the last is 1200×760 at a zoom of 200 %. */
const sizes = [DESKTOP, SMALL, { width: 600, height: 380 }];

test.each(states)(
  "$name can be read by everybody, and nothing of it sticks out",
  async ({ parameters, prepare }) => {
    const page = await desk(parameters);
    await prepare?.(page);

    expect(await violations(page)).toEqual([]);

    for (const size of sizes) {
      await page.setViewportSize(size);
      expect(await overflowing(page), `${size.width}×${size.height}`).toEqual([]);
    }
  },
);

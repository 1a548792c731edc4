// What a file of browser tests starts from: one Chromium, and a page for each desk that a test opens. Nothing waits for time:
// the fake's clock is moved by hand.

import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { close, launch, open, type Chromium, type Opened, type Parameters, type Size } from "./chromium";

/** Called once by a file of tests; answers with what opens a desk. After each test its pages are closed, and none had a problem. */
export function opensDesks(): (parameters?: Parameters, size?: Size) => Promise<Page> {
  let chromium: Chromium;
  let opened: Opened[] = [];

  beforeAll(async () => {
    chromium = await launch();
  });
  afterAll(() => chromium.close());
  afterEach(async () => {
    const problems = opened.flatMap((one) => one.problems);
    await Promise.all(opened.map(close));
    opened = [];
    expect(problems, "the page logged an error, threw, or asked for something from elsewhere").toEqual([]);
  });

  return async (parameters = {}, size) => {
    const one = await open(chromium, parameters, size);
    opened.push(one);
    return one.page;
  };
}

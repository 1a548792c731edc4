// Searching: as one types, with the keyboard alone, and into a thread far back.

import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { opensDesks } from "./desk";
import { composer, focused, openThread, overflowing, row, untilAtNewest } from "./window";

const desk = opensDesks();

const field = (page: Page) => page.getByTestId("search");
const marks = (page: Page) => page.locator("[data-testid=search-results] mark").allInnerTexts();

describe("the search", () => {
  test("is reached with / from the list, and with Ctrl+F while typing", async () => {
    const page = await desk();
    await openThread(page, "Owen Fitzgerald");
    await page.getByTestId("conversation-list").focus();
    await page.keyboard.press("/");
    expect(await focused(page)).toBe("search");
    await page.getByTestId("search-help").waitFor();

    await page.keyboard.press("Escape");
    expect(await focused(page)).toBe("conversation-list");
    await composer(page).fill("half a sentence");
    await page.keyboard.press("Control+f");

    expect(await focused(page)).toBe("search");
    expect(await composer(page).inputValue()).toBe("half a sentence");
    await page.getByTestId("search-help").waitFor();
  });

  test("says what can be typed, and puts what is picked into the field", async () => {
    const page = await desk();
    await field(page).click();

    await page.getByRole("button", { name: /has:media/ }).click();

    expect(await field(page).inputValue()).toBe("has:media");
    expect(await focused(page)).toBe("search");
    await page.getByTestId("found-message").first().waitFor();
  });

  test("shows people and texts with what was found marked, and opens the first with Enter", async () => {
    const page = await desk();
    await field(page).click();
    await page.keyboard.type("may", { delay: 5 });
    await page.getByTestId("found-contact").filter({ hasText: "Maya Lindqvist" }).waitFor();
    expect((await marks(page))[0]).toBe("May");

    await page.keyboard.press("Enter");

    await page.getByRole("heading", { name: "Maya Lindqvist" }).waitFor();
    expect(await focused(page)).toBe("search");
    await page.keyboard.press("Escape");
    await row(page, "Maya Lindqvist").waitFor();
    expect(await overflowing(page)).toEqual([]);
  });

  test("finds a colleague's private note, says whose it is, and opens the thread at it", async () => {
    const page = await desk();
    await field(page).fill("hook from:kim");
    const found = page.getByTestId("found-message");
    await found.first().waitFor();
    expect(await found.allInnerTexts()).toHaveLength(1);
    expect(await found.first().innerText()).toMatch(/Kim Andersen:\s*Private note:/);

    await field(page).press("Enter");

    await page.locator("[data-testid=note-item] [data-found]").waitFor();
    expect(await overflowing(page)).toEqual([]);
  });

  test("opens a thread at a text far back, from which one reads on both ways and back to the newest", async () => {
    const page = await desk({ state: "history" });
    await page.getByTestId("message").last().waitFor();
    const wanted = await page.evaluate(() => {
      const thread = window.desklineFake?.shelf.bySlug("sam-carter")?.thread ?? [];
      const message = thread[2_000];
      if (message) message.content = "Zanzibar";
      return message?.id ?? "";
    });
    const found = page.locator(`[data-message-id="${wanted}"]`);
    await field(page).fill("zanzib");
    await page.getByTestId("found-message").first().waitFor();

    await field(page).press("Enter");
    await page.locator("[data-found]").waitFor();

    const inSight = await page.locator("[data-found]").evaluate((bubble) => {
      const box = document.querySelector("[data-testid=thread]")?.getBoundingClientRect();
      const { top, bottom } = bubble.getBoundingClientRect();
      return box !== undefined && top >= box.top && bottom <= box.bottom;
    });
    expect(inSight).toBe(true);
    expect(await found.count()).toBeGreaterThan(0);
    await page.getByTestId("thread").hover();
    for (let i = 0; i < 12; i++) {
      await page.mouse.wheel(0, 3_000);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    await untilAtNewest(page, false);
    await page.getByTestId("jump-to-newest").click();
    await untilAtNewest(page, true);
    await page.getByTestId("jump-to-newest").waitFor({ state: "detached" });
  });

  test("says so when nothing fits, and when the index is still behind", async () => {
    const page = await desk();
    await field(page).fill("xylophone");
    await page.getByText("Nothing found").waitFor();

    await page.evaluate(() => window.desklineFake?.setIndexing({ done: 12_000, total: 90_000 }));

    await page.getByText("12,000 of 90,000 texts can be searched so far.").waitFor();
  });
});

// The list of conversations.

import { describe, expect, test } from "vitest";
import { SMALL } from "./chromium";
import { opensDesks } from "./desk";
import { composer, focused, receive, row } from "./window";

const desk = opensDesks();

describe("the list", () => {
  test("of ten thousand conversations keeps a handful of rows in the page", async () => {
    const page = await desk({ contacts: "10000" });
    await page.getByTestId("conversation").first().waitFor();
    const list = page.getByTestId("conversation-list");

    for (let i = 0; i < 10; i++)
      await list.evaluate(
        (box) =>
          new Promise<void>((resolve) => {
            box.scrollTop = box.scrollHeight;
            requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
          }),
      );

    expect(await page.getByTestId("conversation").count()).toBeLessThan(60);
    expect(await list.evaluate((box) => box.scrollHeight)).toBeGreaterThan(500 * 68);
  });

  test("keeps the selected row in sight when others move above it", async () => {
    const page = await desk({ open: "owen-fitzgerald" }, SMALL);
    await composer(page).waitFor();
    const inSight = () =>
      page.waitForFunction(() => {
        const selected = document.querySelector("[role=option][aria-selected=true]")?.getBoundingClientRect();
        const box = document.querySelector("[data-testid=conversation-list]")?.getBoundingClientRect();
        return selected && box && selected.top >= box.top - 1 && selected.bottom <= box.bottom + 1;
      });
    await inSight();

    for (const slug of ["kwame-mensah", "ines-moreau", "diego-santos"]) await receive(page, slug, "Hello");

    await page.locator("[data-testid=conversation]").first().waitFor();
    await inSight();
  });

  test("opens a conversation to be written in with a click, and to be looked at with Enter", async () => {
    const page = await desk();
    await row(page, "Owen Fitzgerald").click();
    await composer(page).waitFor();
    await page.keyboard.type("just typed");
    expect(await composer(page).inputValue()).toBe("just typed");

    await page.keyboard.press("Escape");
    expect(await focused(page)).toBe("conversation-list");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Priya Raman" }).waitFor();
    await composer(page).waitFor();
    expect(await focused(page), "the keys go on in the list").toBe("conversation-list");
    await page.keyboard.press("k");
    await row(page, "Owen Fitzgerald").click();
    await composer(page).and(page.locator(":focus")).waitFor();
  });

  test("takes a click at once after a scroll, and does not move under it", async () => {
    const page = await desk({ contacts: "200" });
    await page.getByTestId("conversation").first().waitFor();

    const found = await page.getByTestId("conversation-list").evaluate(async (box) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      box.scrollTop = 3_000;
      // As a press of the mouse does, before the list has heard of the scroll.
      box.focus();
      await frame();
      await frame();
      const { left, top } = box.getBoundingClientRect();
      const under = document.elementFromPoint(left + 50, top + 150);
      return { scrollTop: box.scrollTop, row: under?.closest("[role=option]") !== null };
    });

    expect(found).toEqual({ scrollTop: 3_000, row: true });
  });

  test("is where it was when a search is left", async () => {
    const page = await desk({ contacts: "200", open: "maya-lindqvist" });
    await composer(page).waitFor();
    // A conversation may be open before the list is there.
    await page.getByTestId("conversation").first().waitFor();
    const list = page.getByTestId("conversation-list");
    await list.evaluate((box) => (box.scrollTop = 3_000));
    await page.getByTestId("search").fill("brake");
    await page.getByTestId("found-message").first().waitFor();
    expect(await page.getByTestId("conversation").first().isVisible()).toBe(false);

    await page.keyboard.press("Escape");

    await page.getByTestId("search-results").waitFor({ state: "detached" });
    expect(await focused(page)).toBe("conversation-list");
    expect(await list.evaluate((box) => box.scrollTop)).toBe(3_000);
  });

  test("says what a file without words is", async () => {
    const page = await desk();
    await page.evaluate(() => {
      const text = window.desklineFake?.shelf.bySlug("maya-lindqvist")?.thread.at(-1);
      const photo = window.desklineFake?.shelf
        .bySlug("priya-raman")
        ?.thread.find(({ media }) => media.length > 0);
      if (text && photo) Object.assign(text, { content: "", media: photo.media });
    });
    await receive(page, "owen-fitzgerald", "Hello");
    await page.evaluate(() =>
      window.desklineFake?.setMuted(
        window.desklineFake.shelf.bySlug("maya-lindqvist")?.contactId ?? "",
        true,
      ),
    );

    await row(page, "Maya Lindqvist").getByText("Picture").waitFor();
  });

  test("says who wrote the newest text", async () => {
    const page = await desk({}, { width: 1200, height: 1600 });
    const newest = (name: string) => row(page, name).locator("p").innerText();

    expect(await newest("Owen Fitzgerald")).toMatch(/^You:\s+Glad you came in\./);
    expect(await newest("Kwame Mensah")).toMatch(/^Teammate:\s+See you in a bit\./);
    expect(await newest("Priya Raman")).toMatch(/^You:\s+See you on Friday\./);
    expect(await newest("Greta Lindholm")).toMatch(/^Here is the whole list/);
  });

  test("shows what its views ask for", async () => {
    const page = await desk();

    await page.getByTestId("filter-closed").click();
    await row(page, "Sofia Rossi").waitFor();
    expect(await row(page, "Maya Lindqvist").count()).toBe(0);

    await page.getByTestId("filter-unread").click();
    await row(page, "Maya Lindqvist").waitFor();
    expect(await page.getByTestId("conversation").count()).toBe(5);
  });
});

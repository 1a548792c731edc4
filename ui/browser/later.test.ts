// Texts for later: chosen from a menu or a calendar, kept by the server, and changed or called off before they leave.

import { describe, expect, test } from "vitest";
import { opensDesks } from "./desk";
import { advance, bubble, composer, focused, openThread, row, setConnection, state } from "./window";

const desk = opensDesks();
const HOUR = 3_600_000;

async function writeForLater(text: string, choice = "tomorrow", parameters = {}) {
  const page = await desk({ open: "owen-fitzgerald", ...parameters });
  await composer(page).fill(text);
  await page.getByTestId("later").click();
  await page.getByTestId(`later-${choice}`).click();
  await page.getByTestId("later-text").filter({ hasText: text }).waitFor();
  return page;
}

describe("a text for later", () => {
  test("is kept by the server, says when it leaves, and leaves then", async () => {
    const page = await writeForLater("Your bike is ready");
    expect(await composer(page).inputValue()).toBe("");
    expect(await focused(page)).toBe("composer");
    await advance(page, 1_000);
    await state(page, "Your bike is ready", "scheduled");
    await bubble(page, "Your bike is ready").getByText("Leaves tomorrow, 09:00").waitFor();
    await row(page, "Owen Fitzgerald").filter({ hasText: "Later:" }).waitFor();

    await advance(page, 24 * HOUR);

    await state(page, "Your bike is ready", "delivered");
    await page.getByTestId("later-text").waitFor({ state: "detached" });
  });

  test("is written by keyboard alone", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).fill("See you on Monday");
    await page.keyboard.press("Control+Shift+Enter");
    await page.getByTestId("later-hour").waitFor();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.getByTestId("later-field").waitFor();

    await page.getByTestId("later-field").fill("2026-11-30T08:15");
    await page.keyboard.press("Enter");

    await page.getByTestId("later-text").filter({ hasText: "Leaves 30 Nov, 08:15" }).waitFor();
    expect(await focused(page)).toBe("composer");
  });

  test("is called off when the contact writes first, which is remembered until it is sent", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    const unlessReply = page.getByTestId("later-unless-reply");
    const isChecked = async () => (await unlessReply.getAttribute("aria-checked")) === "true";
    await composer(page).fill("Your bike is ready");
    await page.getByTestId("later").click();
    expect(await isChecked()).toBe(false);
    await unlessReply.click();
    await page.keyboard.press("Escape");

    await openThread(page, "Joon Park");
    await openThread(page, "Owen Fitzgerald");
    await page.getByTestId("later").click();
    expect(await isChecked()).toBe(true);
    await page.getByTestId("later-tomorrow").click();
    await page.getByTestId("later-text").filter({ hasText: "Your bike is ready" }).waitFor();

    await composer(page).fill("And one more");
    await page.getByTestId("later").click();
    expect(await isChecked()).toBe(false);
  });

  test("takes no time that is over", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).fill("Too late");
    await page.getByTestId("later").click();
    await page.getByTestId("later-own").click();
    await page.getByTestId("later-field").fill("2020-01-01T08:15");
    await page.getByTestId("later-save").click();

    await page.getByText("This time has passed.").waitFor();
    expect(await composer(page).inputValue()).toBe("Too late");
  });

  test("gets other words and another time, and leaves when it is told to", async () => {
    const page = await writeForLater("Your bike is ready");
    await advance(page, 1_000);
    await state(page, "Your bike is ready", "scheduled");
    const menu = page.getByTestId("later-menu");

    await menu.click();
    await page.getByTestId("later-words").click();
    await page.getByTestId("later-words-field").fill("Your bike is ready, and so is the bill");
    await page.getByTestId("later-words-save").click();
    await page.getByTestId("later-text").filter({ hasText: "so is the bill" }).waitFor();

    await menu.click();
    await page.getByTestId("later-time").click();
    await page.getByTestId("later-field").fill("2026-12-03T10:00");
    await page.getByTestId("later-save").click();
    await page.getByTestId("later-text").filter({ hasText: "Leaves 3 Dec, 10:00" }).waitFor();

    await menu.click();
    await page.getByTestId("later-now").click();
    await advance(page, 5_000);
    await state(page, "so is the bill", "delivered");
  });

  test("is called off, and stands in the thread as such", async () => {
    const page = await writeForLater("Your bike is ready");
    await advance(page, 1_000);
    await state(page, "Your bike is ready", "scheduled");

    await page.getByTestId("later-menu").click();
    await page.getByTestId("later-callOff").click();

    await state(page, "Your bike is ready", "canceled");
    await page.getByTestId("later-text").waitFor({ state: "detached" });
  });

  test("says that it is still on this computer while the server is away, and can be taken back", async () => {
    const page = await desk({ open: "owen-fitzgerald", state: "offline" });
    await composer(page).fill("For tomorrow");
    await page.getByTestId("later").click();
    await page.getByText("has to get to the server before its time").waitFor();
    await page.getByTestId("later-tomorrow").click();
    await page.getByTestId("later-text").filter({ hasText: "still on this computer" }).waitFor();

    await page.getByTestId("later-menu").click();
    await page.getByTestId("later-back").click();

    await expect.poll(() => composer(page).inputValue()).toBe("For tomorrow");
    await page.getByTestId("later-text").waitFor({ state: "detached" });
  });

  test("cannot be changed without the server, and says so", async () => {
    const page = await writeForLater("Your bike is ready");
    await advance(page, 1_000);
    await state(page, "Your bike is ready", "scheduled");
    await setConnection(page, {
      state: "offline",
      since: "2026-11-21T15:24:00Z",
      reason: "nothing answers",
      waiting: 0,
    });

    await page.getByTestId("later-menu").click();
    await page.getByTestId("later-now").click();

    await page.getByText("cannot be reached").first().waitFor();
  });

  test("is offered nine o'clock by the contact's clock", async () => {
    const page = await desk({ open: "layla-haddad" });
    await composer(page).fill("Good morning");
    await page.getByTestId("hour").waitFor();

    await page.getByTestId("later").click();

    await page.getByTestId("later-there").filter({ hasText: "At 09:00 their time" }).waitFor();
  });
});

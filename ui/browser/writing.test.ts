// Canned replies, emoji, and which key sends.

import { describe, expect, test } from "vitest";
import { opensDesks } from "./desk";
import { bubble, composer, focused } from "./window";

const desk = opensDesks();

describe("a canned reply", () => {
  test("is found by its name, filled in, and sent as it stands", async () => {
    const page = await desk({ open: "maya-lindqvist" });
    await composer(page).fill("/pick");
    await page.getByTestId("reply-option").filter({ hasText: "Ready for pickup" }).waitFor();

    await composer(page).press("Enter");
    const filled = "Hi Maya, your Kona Rove is ready. Come by until 6 pm. Nora Vance, Northside Bikes";
    await expect.poll(() => composer(page).inputValue()).toBe(filled);
    expect(await focused(page)).toBe("composer");
    await composer(page).press("Enter");

    await bubble(page, filled).waitFor();
  });

  test("that lacks something marks it, so that the next key fills it in", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).fill("/ready");
    await composer(page).press("Tab");
    await page.getByTestId("lacks").filter({ hasText: "attribute.bike" }).waitFor();

    await page.keyboard.type("Trek");

    expect(await composer(page).inputValue()).toContain("your Trek is ready");
    await page.getByTestId("lacks").waitFor({ state: "detached" });
  });

  test("is not forced on anybody: Escape leaves the text, and a new one offers again", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).fill("/");
    await page.getByTestId("replies").waitFor();
    await composer(page).press("Escape");
    await page.getByTestId("replies").waitFor({ state: "detached" });
    expect(await focused(page)).toBe("composer");

    await composer(page).press("d");
    await page.getByTestId("reply-option").filter({ hasText: "Directions" }).click();

    expect(await composer(page).inputValue()).toContain("4 Canal Street");
  });
});

test("an emoji goes where the cursor stands, and is offered first the next time", async () => {
  const page = await desk({ open: "owen-fitzgerald" });
  await composer(page).fill("See you !");
  await composer(page).press("ArrowLeft");

  await page.getByTestId("emoji-button").click();
  await page.getByTestId("emoji-search").fill("bicycle");
  await page.getByRole("button", { name: "bicycle", exact: true }).click();

  expect(await composer(page).inputValue()).toMatch(/^See you 🚲.?!$/u);
  expect(await focused(page)).toBe("composer");
  await page.getByTestId("emoji-button").click();
  await page.getByTestId("emoji-picker").getByRole("button", { name: "bicycle", exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByTestId("emoji-picker").waitFor({ state: "detached" });
  expect(await focused(page)).toBe("emoji-button");
});

test("emoji are picked by keyboard alone", async () => {
  const page = await desk({ open: "owen-fitzgerald" });
  await page.getByTestId("emoji-button").press("Enter");
  await page.getByTestId("emoji-search").waitFor();
  await page.getByRole("button", { name: "grinning face", exact: true }).waitFor();

  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");

  expect(await composer(page).inputValue()).toBe("😃");
});

describe("the line under the composer", () => {
  test("says that it is night there, and how late", async () => {
    const page = await desk({ open: "layla-haddad" });
    const hour = page.getByTestId("hour");
    await hour.filter({ hasText: "22:24" }).waitFor();
    expect(await hour.getAttribute("data-night")).toBe("yes");
    expect(await hour.getAttribute("title")).toContain("By the number");
  });

  test("says that nobody knows the hour, once somebody writes", async () => {
    const page = await desk({ open: "short-code" });
    await composer(page).waitFor();
    expect(await page.getByTestId("hour").count()).toBe(0);

    await composer(page).fill("Hello");

    await page.getByTestId("hour").filter({ hasText: "unknown" }).waitFor();
  });

  test("warns of a number that the contact has never seen", async () => {
    const page = await desk({ open: "kwame-mensah" });
    await page.locator("[data-testid=from][data-new=true]").waitFor();

    expect(await page.getByTestId("from").getAttribute("title")).toContain("+12065550100");
  });

  test("is locked while the team has no number, and says who can change that", async () => {
    const page = await desk({ state: "notwilio", open: "maya-lindqvist" });
    const locked = page.locator("[data-testid=composer-locked][data-lock=noNumber]");

    await locked.filter({ hasText: "owner or admin" }).waitFor();
  });
});

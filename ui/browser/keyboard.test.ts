// Everything without a mouse.

import { describe, expect, test } from "vitest";
import { opensDesks } from "./desk";
import { bubble, composer, focused } from "./window";

const desk = opensDesks();

describe("with the keyboard alone", () => {
  test("an agent reads, replies and goes back", async () => {
    const page = await desk();
    await page.getByTestId("conversation").first().waitFor();

    await page.keyboard.press("j");
    expect(await focused(page)).toBe("conversation-list");
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Marcus Bell" }).waitFor();

    await composer(page).waitFor();
    await page.keyboard.press("r");
    expect(await focused(page)).toBe("composer");
    expect(await composer(page).inputValue()).toBe("");
    await page.keyboard.type("jkr? all of it is text");
    await page.keyboard.press("Enter");
    await bubble(page, "jkr? all of it is text").waitFor();

    await page.keyboard.press("Escape");
    expect(await focused(page)).toBe("conversation-list");
    await page.keyboard.press("Escape");
    await page.getByText("No conversation selected").waitFor();
  });

  test("the sheet shows every key, and closes", async () => {
    const page = await desk();
    await page.getByTestId("conversation").first().waitFor();

    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("j");
    expect(await focused(page)).not.toBe("conversation-list");
    await page.keyboard.press("Escape");

    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  test("the menu opens, moves and closes", async () => {
    const page = await desk();
    await page.getByTestId("agent-menu").focus();

    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    expect(await focused(page)).toBe("away");
    await page.keyboard.press("ArrowUp");
    expect(await focused(page)).toBe("sign-out");
    await page.keyboard.press("Escape");

    await page.getByRole("menu").waitFor({ state: "detached" });
    expect(await focused(page)).toBe("agent-menu");
  });

  test("Tab reaches the views, the list, the thread and the composer", async () => {
    const page = await desk({ open: "maya-lindqvist" });
    await composer(page).waitFor();
    const reached = new Set<string>();

    for (let i = 0; i < 32; i++) {
      await page.keyboard.press("Tab");
      reached.add(await focused(page));
    }

    for (const wanted of ["filter-open", "agent-menu", "conversation-list", "thread", "composer"])
      expect([...reached]).toContain(wanted);
  });
});

// What stands beside a thread: the contact, what became of a text, files that were given up; and the palette.

import { describe, expect, test } from "vitest";
import { opensDesks } from "./desk";
import { bubble, composer, focused, openThread, row, setConnection } from "./window";
import { advance } from "./window";

const desk = opensDesks();

describe("the contact's panel", () => {
  test("tells what is known, and is still unfolded for the next conversation", async () => {
    const page = await desk({ open: "maya-lindqvist" });
    await page.getByTestId("message").last().waitFor();
    await page.keyboard.press("i");
    const panel = page.getByTestId("contact-panel");
    await panel.getByText("Kona Rove").waitFor();
    await panel.getByText("10:24").waitFor();
    await panel.getByText("Nora Vance").waitFor();
    expect(await panel.getByTestId("panel-note").count()).toBe(2);

    await openThread(page, "Dolores Whitfield");
    await panel.getByText("Opted out by text").waitFor();

    await page.keyboard.press("i");
    await panel.waitFor({ state: "detached" });
  });

  test("takes down what the team learns, and forgets it", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await page.getByTestId("panel").click();
    await page.getByTestId("attribute-add").click();
    await page.getByTestId("attribute-name").fill("Frame number");
    await page.getByTestId("attribute-value").fill("TR-88");
    await page.getByTestId("attribute-save").click();

    const known = page.getByTestId("attribute").filter({ hasText: "TR-88" });
    await known.getByText("Frame number").waitFor();
    await known.getByRole("button", { name: "Forget Frame number" }).click();
    await known.waitFor({ state: "detached" });
  });

  test("leads to a file and to a note", async () => {
    const page = await desk({ open: "priya-raman" });
    await page.getByTestId("panel").click();

    await page.getByTestId("panel-file").first().click();

    await page.locator("[data-found]").waitFor();
  });

  test("makes two contacts one, after it has said what that means", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await page.getByTestId("panel").click();
    await page.getByTestId("panel-merge").click();
    expect(await page.getByTestId("merge-confirm").isDisabled()).toBe(true);
    await page.getByTestId("merge-field").fill("marcus");
    await page.getByTestId("merge-with").first().check();
    await page.getByTestId("merge-text").filter({ hasText: "Marcus Bell" }).waitFor();

    await page.getByTestId("merge-confirm").click();

    await row(page, "Marcus Bell").waitFor({ state: "detached" });
    await row(page, "Owen Fitzgerald").waitFor();
  });
});

describe("the palette", () => {
  test("goes to somebody, and does something, without a mouse", async () => {
    const page = await desk();
    await page.getByTestId("conversation").first().waitFor();

    await page.keyboard.press("Control+k");
    await page.keyboard.type("owen");
    await page.getByTestId("palette-contact").filter({ hasText: "Owen Fitzgerald" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Owen Fitzgerald" }).waitFor();

    await composer(page).focus();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("close or");
    await page.keyboard.press("Enter");
    await page.getByTestId("badge").filter({ hasText: "Closed" }).waitFor();
  });

  test("does what has a button and no key, as things stand", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).waitFor();
    const choose = async (words: string) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type(words);
      await page.getByTestId("palette-action").first().waitFor();
      await page.keyboard.press("Enter");
    };

    await choose("assign to me");
    await page.getByTestId("assign-menu").and(page.getByTitle("Assigned to You")).waitFor();
    await choose("mute");
    await page.getByTestId("badge").filter({ hasText: "Muted" }).waitFor();
    await choose("unmute");
    await page.getByTestId("badge").waitFor({ state: "detached" });
    await choose("do not disturb");
    await page.getByTestId("quiet").waitFor();
    await choose("disturb me");
    await page.getByTestId("quiet").waitFor({ state: "detached" });
    await choose("rename");
    await page.getByTestId("rename-field").waitFor();
    await page.keyboard.press("Escape");
    await choose("sign out");
    await page.getByTestId("signin-email").waitFor();
  });

  test("opens a text where it stands, and Escape leaves everything as it was", async () => {
    const page = await desk({ open: "maya-lindqvist" });
    await composer(page).focus();
    await page.keyboard.press("Control+k");
    await page.keyboard.press("Escape");
    await page.getByTestId("palette").waitFor({ state: "detached" });
    expect(await focused(page)).toBe("composer");

    await page.keyboard.press("Control+k");
    await page.keyboard.type("pothole");
    await page.getByTestId("palette-message").first().click();
    await page.locator("[data-found]").filter({ hasText: "pothole" }).waitFor();
  });
});

describe("a delivery mark", () => {
  test("shows every step to whoever hovers it or comes to it by keyboard", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    const mark = bubble(page, "Glad you came in").getByTestId("delivery");

    await mark.focus();
    await page.getByTestId("ledger").getByText("The carrier has it").waitFor();
    expect(await page.getByTestId("ledger-step").count()).toBe(4);
    await page.keyboard.press("Escape");
    await page.getByTestId("ledger").waitFor({ state: "detached" });
    expect(await focused(page)).toBe("delivery");

    await page.keyboard.press("ArrowUp");
    expect(await focused(page)).toBe("delivery");
    await page.getByTestId("ledger").waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Escape");

    await mark.hover();
    await page.getByTestId("ledger").waitFor();
    await composer(page).hover();
    await mark.blur();
    await page.getByTestId("ledger").waitFor({ state: "detached" });
  });
});

test("a file that the server gave up on is fetched again, or why not is said", async () => {
  const page = await desk({ open: "ben-thompson" });
  const given = page.locator("[data-testid=picture][data-phase=missing]").first();
  await given.getByText("Twilio no longer had this file.").waitFor();
  await setConnection(page, { state: "offline", since: "2026-11-21T18:20:00Z", reason: "No.", waiting: 0 });
  await given.getByTestId("fetch-again").click();
  await given.getByText("cannot be reached").waitFor();

  await setConnection(page, { state: "live" });
  await given.getByTestId("fetch-again").click();
  await given.getByText("The server has not got it yet.").waitFor();
  await advance(page, 1_000);

  await page.locator("[data-testid=picture][data-phase=here]").first().waitFor();
});

test("the figures beside the views follow what happens", async () => {
  const page = await desk({ open: "owen-fitzgerald" });
  const mine = page.getByTestId("filter-mine");
  await mine.filter({ hasText: "2" }).waitFor();

  await page.getByTestId("close-conversation").click();

  await mine.filter({ hasText: "1" }).waitFor();
});

test("one team can be shown by itself, and is shown again the next time", async () => {
  const page = await desk({ state: "teams" });
  const all = await page.getByTestId("filter-open").textContent();
  await page.getByTestId("team-menu").click();
  await page.getByTestId("show-team").filter({ hasText: "Westside Bikes" }).click();
  await page.getByTestId("team-menu").filter({ hasText: "Westside Bikes" }).waitFor();
  await row(page, "Maya Lindqvist").waitFor({ state: "detached" });
  expect(await page.getByTestId("filter-open").textContent()).not.toBe(all);

  await page.reload();

  await page.getByTestId("team-menu").filter({ hasText: "Westside Bikes" }).waitFor();
});

test("a search is kept as a view, opens again with one click, and is forgotten", async () => {
  const page = await desk();
  await page.getByTestId("search").fill("from:marcus");
  await page.getByTestId("found-message").first().waitFor();
  await page.getByTestId("keep-search").click();
  await page.getByTestId("search").press("Escape");

  await page.reload();
  await page.getByTestId("saved-search").filter({ hasText: "from:marcus" }).click();
  await page.getByTestId("found-message").first().waitFor();
  expect(await page.getByTestId("search").inputValue()).toBe("from:marcus");

  await page.getByTestId("forget-search").focus();
  await page.keyboard.press("Enter");
  await page.getByTestId("saved-search").waitFor({ state: "detached" });
});

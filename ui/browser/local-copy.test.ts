// What this machine keeps: the bars that say that it is fetched again, that there is no room, and what happened to it.

import { describe, expect, test } from "vitest";
import { opensDesks } from "./desk";
import { advance, composer, focused, row, setLocalCopy, state, write } from "./window";

const desk = opensDesks();
const fine = { rebuilding: null, diskFull: false, clock: null, notices: [] };

test("a copy that is fetched again is said to be, with what is here in use, until it is whole", async () => {
  const page = await desk({ state: "rebuilding" });
  const bar = page.getByTestId("rebuilding-bar");
  await bar.filter({ hasText: "was damaged. It is being fetched from your server again" }).waitFor();
  await row(page, "Maya Lindqvist").waitFor();

  await advance(page, 60_000);

  await bar.waitFor({ state: "detached" });
});

test("a full disk keeps what was typed in the composer, and it is sent once there is room", async () => {
  const page = await desk({ state: "diskfull", open: "owen-fitzgerald" });
  await page.getByTestId("disk-bar").filter({ hasText: "The disk of this computer is full." }).waitFor();

  await write(page, "See you at six");
  await page.getByText("nothing can be kept. Make some room, and try again.").waitFor();
  expect(await composer(page).inputValue()).toBe("See you at six");

  await setLocalCopy(page, fine);
  await page.getByTestId("disk-bar").waitFor({ state: "detached" });
  await composer(page).press("Enter");
  await state(page, "See you at six", "waiting");
});

test("a clock that is wrong is said to be, and no longer once it is right", async () => {
  const page = await desk({ state: "wrongclock" });
  const bar = page.getByTestId("clock-bar");
  await bar.filter({ hasText: "365 days ahead of your server's. Times are shown wrong here" }).waitFor();

  await setLocalCopy(page, fine);

  await bar.waitFor({ state: "detached" });
});

test("a notice stays until it is read, and goes with the keyboard alone", async () => {
  const page = await desk({ state: "noaccess" });
  const bar = page.getByTestId("notice-bar");
  await bar.filter({ hasText: "You are no longer a member of Westside Bikes." }).waitFor();

  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent.trim())).toBe("Dismiss");
  await page.keyboard.press("Enter");

  await bar.waitFor({ state: "detached" });
});

test("after the lease the window asks to sign in, and does not say that everything is here", async () => {
  const page = await desk({ state: "leaseover" });
  await page.getByTestId("notice-bar").filter({ hasText: "for 14 days" }).waitFor();
  await page
    .getByTestId("expired-bar")
    .filter({ hasText: "Sign in to fetch your conversations again." })
    .waitFor();

  await page.getByTestId("expired-bar").getByRole("button").click();

  expect(await focused(page)).toBe("signin-password");
});

describe("a newer version that is installed", () => {
  test("is said to be ready, and begins when the agent starts again", async () => {
    const page = await desk({ state: "update" });

    await page.getByTestId("update-bar").getByRole("button", { name: "Start again" }).click();

    await page.getByTestId("update-bar").waitFor({ state: "detached" });
  });

  test("can be put off", async () => {
    const page = await desk({ state: "update" });

    await page.getByTestId("update-bar").getByRole("button", { name: "Later" }).click();

    await page.getByTestId("update-bar").waitFor({ state: "detached" });
  });
});

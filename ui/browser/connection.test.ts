// The connection, the session and the keychain: what the bars on top say.

import { describe, expect, test } from "vitest";
import { opensDesks } from "./desk";
import { advance, composer, focused, openThread, setAudit, setConnection, state, write } from "./window";

const desk = opensDesks();

describe("the connection", () => {
  test("that breaks is told with since when and how many wait, and heals", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await setConnection(page, {
      state: "offline",
      since: "2026-11-21T18:20:00Z",
      reason: "The server does not answer.",
      waiting: 0,
    });
    const bar = page.getByTestId("offline-bar");
    await bar.filter({ hasText: "Offline since 18:20." }).waitFor();

    await write(page, "Later then");
    await bar.filter({ hasText: "1 text waits to be sent." }).waitFor();
    await state(page, "Later then", "waiting");

    await setConnection(page, { state: "connecting" });
    await bar.filter({ hasText: "Reconnecting…" }).waitFor();
    await setConnection(page, { state: "live" });
    await bar.waitFor({ state: "detached" });
    await advance(page, 5_000);
    await state(page, "Later then", "delivered");
    expect(await page.getByTestId("connection").getAttribute("data-state")).toBe("live");
  });

  test("says whether every text is here that Twilio has, and how long ago that was so", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    const line = page.getByTestId("audit");
    await setAudit(page, { twilio: 412, here: 412, checkedAt: "2026-11-21T18:23:30Z" });
    await line.filter({ hasText: "Twilio 412 = here 412, checked just now" }).waitFor();
    expect(await line.getAttribute("data-equal")).toBe("true");

    await setConnection(page, { state: "connecting" });
    await advance(page, 3 * 60_000);
    await setConnection(page, { state: "live" });
    await line.filter({ hasText: "Twilio 412 = here 412, checked 3 minutes ago" }).waitFor();

    await setAudit(page, { twilio: 413, here: 412, checkedAt: "2026-11-21T18:26:00Z" });
    await line.filter({ hasText: "Twilio 413 ≠ here 412, checked 1 minute ago" }).waitFor();
    expect(await line.getAttribute("data-equal")).toBe("false");
  });

  test("first sync shows how far it is, and everything can be used", async () => {
    const page = await desk({ state: "syncing" });
    await page.getByRole("progressbar").waitFor();
    expect(await page.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("41");

    await openThread(page, "Maya Lindqvist");
    await advance(page, 60_000);

    await page.getByRole("progressbar").waitFor({ state: "detached" });
  });

  test("a session that ended is taken up again over the open inbox", async () => {
    const page = await desk({ state: "expired", open: "owen-fitzgerald" });
    await composer(page).fill("half a tex");

    await page.getByTestId("expired-bar").getByRole("button", { name: "Sign in again" }).click();
    expect(await focused(page)).toBe("signin-password");
    await page.keyboard.type("right");
    await page.keyboard.press("Enter");
    await advance(page, 1_000);

    await page.getByTestId("expired-bar").waitFor({ state: "detached" });
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await composer(page).inputValue()).toBe("half a tex");
  });

  test("a server of another version says who must update", async () => {
    const page = await desk({ state: "incompatible" });

    await page
      .getByTestId("incompatible-bar")
      .filter({ hasText: "the server wants a newer one. Update Deskline." })
      .waitFor();
  });

  test("no keychain is told until it is read", async () => {
    const page = await desk({ state: "memoryonly" });

    await page.getByTestId("memory-bar").getByRole("button").click();

    await page.getByTestId("memory-bar").waitFor({ state: "detached" });
  });
});

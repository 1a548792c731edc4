// Opting out by an agent's hand, seen by whoever looks, and found again by owners and admins. And one's own password.

import { describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { opensDesks } from "./desk";
import { advance, composer, focused, setConnection } from "./window";

const desk = opensDesks();

async function optOut(page: Page, reason: string): Promise<void> {
  await page.getByTestId("panel").click();
  await page.getByTestId("opt-out").click();
  await page.getByTestId("consent-reason").fill(reason);
  await page.getByTestId("consent-reason").press("Enter");
}

describe("an opt-out by hand", () => {
  test("wants a reason, locks the composer, and says who and why", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await page.getByTestId("panel").click();
    await page.getByTestId("opt-out").click();
    await page.getByTestId("consent-confirm").click();
    await page.getByText("Write down why").waitFor();

    await page.getByTestId("consent-reason").fill("Asked on the phone");
    await page.getByTestId("consent-confirm").click();

    await page.getByText("Owen Fitzgerald has opted out").waitFor();
    const facts = page.getByTestId("panel-consent");
    await facts
      .filter({ hasText: "Opted out by Nora Vance" })
      .filter({ hasText: "Asked on the phone" })
      .waitFor();
  });

  test("is taken back by hand, with a reason, and the composer is there again", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await optOut(page, "Asked on the phone");

    await page.getByTestId("opt-in").click();
    await page.getByTestId("consent-reason").fill("Asked for it by e-mail");
    await page.getByTestId("consent-confirm").click();

    await composer(page).waitFor();
    await page.getByTestId("opt-out").waitFor();
  });

  test("of the contact itself can be undone by nobody here, and says by whom", async () => {
    const page = await desk({ state: "optedout" });
    await page.getByTestId("panel").click();

    await page.getByText("Only they can undo this").waitFor();
    expect(await page.getByTestId("opt-in").count()).toBe(0);
  });

  test("says why it could not be done without the server", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await setConnection(page, {
      state: "offline",
      since: "2026-11-21T15:24:00Z",
      reason: "nothing answers",
      waiting: 0,
    });

    await optOut(page, "Asked on the phone");

    await page
      .getByTestId("panel-consent")
      .getByRole("alert")
      .filter({ hasText: "cannot be reached" })
      .waitFor();
  });
});

test("owners find who opted out by name and number, with who and why, and go there", async () => {
  const page = await desk({ role: "owner", open: "owen-fitzgerald" });
  await optOut(page, "Asked on the phone");
  await page.getByText("Owen Fitzgerald has opted out").waitFor();
  await page.getByTestId("agent-menu").click();
  await page.getByTestId("open-settings").click();
  await page.getByTestId("settings-optOuts").click();
  await page.getByTestId("opt-out-row").first().waitFor();
  expect(await page.getByTestId("opt-out-row").count()).toBe(2);
  expect(await page.getByTestId("opt-out-row").first().innerText()).toContain("By Nora Vance");

  await page.getByTestId("opt-outs-search").fill("nobody at all");
  await page.getByTestId("no-opt-outs").waitFor();
  await page.getByTestId("opt-outs-search").fill("owen");
  await expect.poll(() => page.getByTestId("opt-out-row").count()).toBe(1);
  await page.getByTestId("opt-out-row").getByText("“Asked on the phone”").waitFor();
  await page.getByTestId("opt-out-row").getByRole("button").click();

  await page.getByRole("heading", { name: "Owen Fitzgerald" }).waitFor();
  await page.getByTestId("settings").waitFor({ state: "detached" });
});

describe("one's own password", () => {
  async function ask(): Promise<Page> {
    const page = await desk();
    await page.getByTestId("agent-menu").click();
    await page.getByTestId("open-settings").click();
    await page.getByTestId("settings-account").click();
    await page.getByTestId("change-password").click();
    await page.getByTestId("password-current").waitFor();
    return page;
  }

  test("is changed, and the settings say so", async () => {
    const page = await ask();
    await page.getByTestId("password-current").fill("open sesame");
    await page.getByTestId("password-next").fill("battery staple");
    await page.getByTestId("password-next").press("Enter");
    await advance(page, 1_000);

    await page.getByText("Your password is changed.").waitFor();
    expect(await focused(page)).toBe("change-password");
  });

  test("says what is missing, and what the server says", async () => {
    const page = await ask();
    await page.getByTestId("password-next").fill("short");
    await page.getByTestId("password-save").click();
    await page.getByText("Enter your present password.").waitFor();
    await page.getByText("At least 8 characters.").waitFor();

    await page.getByTestId("password-current").fill("wrong");
    await page.getByTestId("password-next").fill("battery staple");
    await page.getByTestId("password-save").click();
    await advance(page, 1_000);

    await page.getByTestId("password-failure").filter({ hasText: "not your present password" }).waitFor();
  });
});

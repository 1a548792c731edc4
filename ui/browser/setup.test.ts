// The first start of an owner: from nothing to a team that texts, in steps that can be left and taken up again.

import { describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { opensDesks } from "./desk";
import { advance, untilTestIsOut } from "./window";

const desk = opensDesks();
const owner = { role: "owner", state: "notwilio" };
const step = (page: Page, name: string) => page.locator(`[data-testid=setup][data-step=${name}]`).waitFor();

async function connect(page: Page): Promise<void> {
  await page.getByTestId("twilio-sid").fill(`AC${"0".repeat(32)}`);
  await page.getByTestId("twilio-token").fill("right");
  await page.getByTestId("twilio-token").press("Enter");
  await step(page, "numbers");
}

describe("an owner of a team without an account", () => {
  test("is led from the account to a text on their own phone and to colleagues", async () => {
    const page = await desk(owner);
    await step(page, "connect");
    expect(await page.getByTestId("setup-numbers").isDisabled()).toBe(true);

    await connect(page);
    await page.getByTestId("default-number-+15550100200").check();
    await page.getByTestId("point").click();
    await page.getByTestId("webhooks").filter({ hasText: "as before" }).waitFor();
    await page.getByTestId("setup-next").click();

    await step(page, "test");
    await page.getByTestId("setup-phone").fill("0555");
    await page.getByTestId("setup-send").click();
    await page.getByText("Write the number with its country").waitFor();
    await page.getByTestId("setup-phone").fill("+1 555 010 0777");
    await page.getByTestId("setup-send").click();
    await untilTestIsOut(page);
    await advance(page, 5_000);
    await page.getByTestId("setup-said").filter({ hasText: "Your team can text." }).waitFor();
    await page.getByTestId("setup-end").click();

    await page.getByTestId("setup").waitFor({ state: "detached" });
    expect(await page.getByTestId("setup-bar").count()).toBe(0);
    await page.getByTestId("conversation").filter({ hasText: "+15550100777" }).waitFor();
  });

  test("can leave it and go on where it was left, also after the window was closed", async () => {
    const page = await desk(owner);
    await connect(page);
    await page.keyboard.press("Escape");
    await page.getByTestId("setup-bar").filter({ hasText: "2 steps are left" }).waitFor();

    await page.getByTestId("setup-bar").getByRole("button").click();
    await step(page, "numbers");
    await page.getByTestId("setup-later").click();
    await page.reload();

    // The fake begins anew, and knows of no account again; the window knows that it was begun and left.
    await page.getByTestId("setup-bar").waitFor();
    expect(await page.getByTestId("setup").count()).toBe(0);
  });
});

test("agents, and owners of a team that texts already, are led nowhere", async () => {
  for (const parameters of [{ state: "notwilio" }, { role: "owner" }, { role: "admin", state: "notwilio" }]) {
    const page = await desk(parameters);
    await page.getByTestId("conversation").first().waitFor();
    expect(await page.getByTestId("setup").count()).toBe(0);
    expect(await page.getByTestId("setup-bar").count()).toBe(0);
  }
});

// A Twilio account that an agent enters by hand: what is wrong with it is said, and what was kept can be removed.

import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { opensDesks } from "./desk";

const desk = opensDesks();
const ACCOUNT = `AC${"0".repeat(32)}`;
const KEY = `SK${"0".repeat(32)}`;

async function open(page: Page): Promise<void> {
  await page.getByTestId("agent-menu").click();
  await page.getByTestId("open-settings").click();
  await page.getByTestId("settings-direct").click();
}

async function enter(page: Page, account: string, key: string, secret: string): Promise<void> {
  await page.getByTestId("direct-account").fill(account);
  await page.getByTestId("direct-key").fill(key);
  await page.getByTestId("direct-secret").fill(secret);
  await page.getByTestId("direct-enter").click();
}

describe("working without the server", () => {
  test("says whether this desktop does", async () => {
    const waits = await desk({});
    await open(waits);
    await waits.getByText("this desktop waits for it").waitFor();

    const works = await desk({ state: "direct" });
    await open(works);
    await works.getByText("works on by itself").waitFor();
  });

  test("an account is tried, kept, and removed again", async () => {
    const page = await desk({});
    await open(page);
    await enter(page, "AC1", "", "");
    await page.getByText("An Account SID is AC").waitFor();
    await page.getByText("Enter the key’s secret").waitFor();

    await enter(page, ACCOUNT, KEY, "wrong");
    await page.getByTestId("direct-failure").filter({ hasText: "Twilio does not take" }).waitFor();
    expect(await page.getByTestId("direct-own").count()).toBe(0);

    await enter(page, ACCOUNT, KEY, "right");
    await page.getByTestId("direct-own").filter({ hasText: KEY }).waitFor();
    expect(await page.getByTestId("direct-secret").inputValue()).toBe("");
    await page.getByTestId("direct-own").getByRole("button").click();
    await page.getByTestId("direct-own").waitFor({ state: "detached" });
  });
});

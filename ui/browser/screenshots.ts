// Pictures of every state in both themes and two sizes, for eyes: `npm run screenshots` writes them to build/screenshots.

import { mkdirSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DESKTOP, launch, open, SMALL, type Parameters } from "./chromium";

const FOLDER = "build/screenshots";

interface Shot {
  name: string;
  parameters: Parameters;
  prepare?: (page: Page) => Promise<void>;
}

const composer = (page: Page) => page.getByTestId("composer");
const thread = (state: string): Shot => ({ name: state, parameters: { state } });

const shots: readonly Shot[] = [
  { name: "nothing-selected", parameters: {} },
  { name: "thread", parameters: { open: "maya-lindqvist" } },
  { name: "draft", parameters: { open: "joon-park" } },
  {
    name: "composing",
    parameters: { open: "owen-fitzgerald" },
    prepare: (page) =>
      composer(page).fill("Hi Owen,\nyes – the “new” pads are in.\nCome by whenever you like…\n\nNora"),
  },
  {
    name: "too-long",
    parameters: { open: "owen-fitzgerald" },
    prepare: (page) => composer(page).fill("A very long text. ".repeat(100)),
  },
  {
    name: "signin-error",
    parameters: { state: "signin" },
    prepare: async (page) => {
      await page.getByTestId("signin-server").fill("https://unreachable.example.com");
      await page.getByTestId("signin-email").fill("nora@northside-bikes.example");
      await page.getByTestId("signin-password").fill("something");
      await page.getByTestId("signin-submit").click();
      await page.evaluate(() => window.desklineFake?.advance(1_000));
      await page.getByTestId("signin-error").waitFor();
    },
  },
  {
    name: "menu",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("agent-menu").click();
      await page.getByRole("menu").waitFor();
    },
  },
  { name: "shortcuts", parameters: {}, prepare: (page) => page.keyboard.press("?") },
  {
    name: "sign-in-again",
    parameters: { state: "expired", open: "maya-lindqvist" },
    prepare: (page) => page.getByTestId("expired-bar").getByRole("button").click(),
  },
  {
    name: "jump",
    parameters: { state: "history" },
    prepare: async (page) => {
      await page.getByTestId("thread").hover();
      await page.mouse.wheel(0, -2_000);
      await page.getByTestId("jump-to-newest").waitFor();
      await page.evaluate(() => window.desklineFake?.receive("sam-carter", "One more thing: is the rack included?"));
      await page.getByText("1 new text").waitFor();
    },
  },
  { name: "offline-thread", parameters: { state: "offline", open: "maya-lindqvist" } },
  {
    name: "unread-filter",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("filter-unread").click();
      await page.getByTestId("conversation").first().waitFor();
    },
  },
  ...["signin", "syncing", "empty", "offline", "connecting", "expired", "incompatible", "memoryonly"].map(thread),
  ...["optedout", "failed", "parked", "unknown", "rtl", "emoji", "long", "history", "word", "longname"].map(thread),
  { name: "hebrew", parameters: { open: "noa-friedman" } },
  { name: "photo", parameters: { open: "priya-raman" } },
];

let browser: Browser;
beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  browser = await launch();
});
afterAll(() => browser.close());

const wanted = process.env.SHOTS?.split(",");
const themes = process.env.THEMES?.split(",") ?? ["light", "dark"];
const sizes = Object.entries({ desktop: DESKTOP, small: SMALL }).filter(
  ([name]) => process.env.SIZES?.split(",").includes(name) ?? true,
);

for (const theme of themes)
  for (const [sizeName, size] of sizes)
    for (const shot of shots.filter(({ name }) => wanted?.includes(name) ?? true))
      test(`${shot.name}, ${theme}, ${sizeName}`, async () => {
        const { page, context, problems } = await open(browser, { ...shot.parameters, theme }, size);
        await shot.prepare?.(page);
        await page.screenshot({ path: `${FOLDER}/${shot.name}-${theme}-${sizeName}.png`, animations: "disabled" });
        await context.close();
        expect(problems).toEqual([]);
      });

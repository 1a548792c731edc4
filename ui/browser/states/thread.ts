// A thread, what can be done with it, and the panel beside it.

import type { Page } from "playwright-core";
import { threads } from "@/backend/fake/scenario";
import { advance, receive, write } from "../window";
import { byName, type WindowState } from "./state";

/** Opens a menu of the thread's header by its key. */
async function openMenu(page: Page, key: string): Promise<void> {
  await page.getByTestId("message").last().waitFor();
  await page.keyboard.press(key);
  await page.getByRole("menu").waitFor();
}

async function readUpwards(page: Page): Promise<void> {
  await page.getByTestId("message").last().waitFor();
  await page.getByTestId("thread").hover();
  await page.mouse.wheel(0, -2_000);
  await page.getByTestId("jump-to-newest").waitFor();
  await receive(page, "sam-carter", "One more thing: is the rack included?");
  await page.getByTitle("1 new text").waitFor();
}

export const thread: readonly WindowState[] = [
  // What is held is among the conditions of the window.
  ...Object.keys(threads)
    .filter((state) => state !== "held")
    .map(byName),
  { name: "thread", parameters: { open: "maya-lindqvist" } },
  {
    name: "story",
    parameters: { open: "kwame-mensah" },
    prepare: async (page) => {
      await page.getByTestId("system-line").first().waitFor();
      await page.getByTestId("close-conversation").click();
      await advance(page, 90_000);
      await page.getByTestId("system-line").nth(1).waitFor();
      await receive(page, "kwame-mensah", "One more thing: is the rack included?");
      await page.getByTestId("system-line").nth(2).waitFor();
    },
  },
  { name: "draft", parameters: { open: "joon-park" } },
  { name: "hebrew", parameters: { open: "noa-friedman" } },
  { name: "labels", parameters: { open: "greta-lindholm" } },
  { name: "snoozed", parameters: { open: "lucas-weber" } },
  {
    name: "assigning",
    parameters: { open: "marcus-bell" },
    prepare: (page) => openMenu(page, "a"),
  },
  { name: "labelling", parameters: { open: "marcus-bell" }, prepare: (page) => openMenu(page, "l") },
  { name: "snoozing", parameters: { open: "marcus-bell" }, prepare: (page) => openMenu(page, "s") },
  {
    name: "more",
    parameters: { open: "marcus-bell" },
    prepare: (page) => page.getByTestId("more-menu").click(),
  },
  {
    name: "renaming",
    parameters: { open: "marcus-bell" },
    prepare: async (page) => {
      await page.getByTestId("more-menu").click();
      await page.getByTestId("rename").click();
      await page.getByTestId("rename-field").fill(" ");
      await page.getByTestId("rename-save").click();
    },
  },
  {
    name: "blocking",
    parameters: { open: "long-name" },
    prepare: async (page) => {
      await page.getByTestId("more-menu").click();
      await page.getByTestId("block").click();
      await page.getByTestId("block-confirm").waitFor();
    },
  },
  {
    name: "opting-out",
    parameters: { open: "long-name" },
    prepare: async (page) => {
      await page.getByTestId("panel").click();
      await page.getByTestId("opt-out").click();
      await page.getByTestId("consent-confirm").click();
      await page.getByText("Write down why").waitFor();
    },
  },
  {
    name: "opted-out-by-hand",
    parameters: { open: "long-name" },
    prepare: async (page) => {
      await page.getByTestId("panel").click();
      await page.getByTestId("opt-out").click();
      await page
        .getByTestId("consent-reason")
        .fill("Asked for it on the phone, twice, and was quite clear about it. ".repeat(4));
      await page.getByTestId("consent-confirm").click();
      await page.getByTestId("opt-in").waitFor();
    },
  },
  {
    name: "call-off",
    parameters: { open: "owen-fitzgerald" },
    prepare: async (page) => {
      await write(page, "please keep this one");
      await advance(page, 10_000);
      await receive(page, "maya-lindqvist", "Thanks!");
      await page.getByTestId("call-off").waitFor();
    },
  },
  {
    name: "photo",
    parameters: { open: "priya-raman" },
    prepare: (page) =>
      page.locator("[data-testid=picture][data-phase=here]").first().scrollIntoViewIfNeeded(),
  },
  {
    name: "photo-opened",
    parameters: { open: "priya-raman" },
    prepare: async (page) => {
      await page.locator("[data-testid=picture][data-phase=here] button").first().click();
      await page.getByTestId("picture-viewer").locator("img").waitFor();
    },
  },
  {
    name: "photo-offline",
    parameters: { state: "offline", open: "priya-raman" },
    prepare: (page) =>
      page.locator("[data-testid=picture][data-phase=failed]").first().scrollIntoViewIfNeeded(),
  },
  { name: "offline-thread", parameters: { state: "offline", open: "maya-lindqvist" } },
  {
    name: "panel",
    parameters: { open: "maya-lindqvist" },
    prepare: async (page) => {
      await page.getByTestId("panel").click();
      await page.getByTestId("panel-note").first().waitFor();
    },
  },
  {
    name: "panel-opted-out",
    parameters: { open: "dolores-whitfield" },
    prepare: async (page) => {
      await page.getByTestId("panel").click();
      await page.getByTestId("panel-consent").getByText("Opted out by text").waitFor();
      await page.getByTestId("attribute-add").click();
      await page.getByTestId("attribute-name").fill("2nd");
    },
  },
  {
    name: "panel-files",
    parameters: { open: "long-name" },
    prepare: async (page) => {
      await page.getByTestId("panel").click();
      await page.getByTestId("panel-hour").waitFor();
    },
  },
  {
    name: "merging",
    parameters: { open: "unknown-1" },
    prepare: async (page) => {
      await page.getByTestId("panel").click();
      await page.getByTestId("panel-merge").click();
      await page.getByTestId("merge-field").fill("ma");
      await page.getByTestId("merge-with").first().check();
      await page.getByTestId("merge-text").waitFor();
    },
  },
  {
    name: "ledger",
    parameters: { state: "failed" },
    prepare: async (page) => {
      await page.locator("[data-testid=delivery][data-state=failed]").first().hover();
      await page.getByTestId("ledger-step").nth(2).waitFor();
    },
  },
  {
    name: "ledger-offline",
    parameters: { state: "offline", open: "marcus-bell" },
    prepare: async (page) => {
      await page.locator("[data-testid=delivery][data-state=failed]").first().focus();
      await page.getByTestId("ledger").getByText("cannot be reached").waitFor();
    },
  },
  {
    name: "lost-file",
    parameters: { open: "ben-thompson" },
    prepare: (page) => page.getByTestId("fetch-again").first().scrollIntoViewIfNeeded(),
  },
  {
    name: "german-panel",
    parameters: { lang: "de", open: "dolores-whitfield" },
    prepare: async (page) => {
      await page.getByTestId("panel").click();
      await page.getByTestId("panel-consent").getByText("Per Nachricht abgemeldet").waitFor();
    },
  },
  { name: "jump", parameters: { state: "history" }, prepare: readUpwards },
];

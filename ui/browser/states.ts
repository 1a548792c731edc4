// Every state of the window and how to get there. Walked through by the axe, overflow and screenshot runs.

import type { Page } from "playwright-core";
import type { Parameters } from "./chromium";
import { advance, composer, receive } from "./window";

export interface WindowState {
  name: string;
  parameters: Parameters;
  prepare?: (page: Page) => Promise<void>;
}

const byName = (state: string): WindowState => ({ name: state, parameters: { state } });

async function failSignIn(page: Page): Promise<void> {
  await page.getByTestId("signin-server").fill("https://unreachable.example.com");
  await page.getByTestId("signin-email").fill("nora@northside-bikes.example");
  await page.getByTestId("signin-password").fill("something");
  await page.getByTestId("signin-submit").click();
  await advance(page, 1_000);
  await page.getByTestId("signin-error").waitFor();
}

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
  await page.getByText("1 new text").waitFor();
}

export const states: readonly WindowState[] = [
  ...["signin", "syncing", "empty", "offline", "connecting", "expired", "incompatible", "memoryonly"].map(
    byName,
  ),
  ...["rebuilding", "diskfull", "wrongclock", "noaccess", "restored", "leaseover", "held"].map(byName),
  ...["optedout", "failed", "parked", "unknown", "rtl", "emoji", "long", "history", "word", "longname"].map(
    byName,
  ),
  { name: "nothing-selected", parameters: {} },
  { name: "thread", parameters: { open: "maya-lindqvist" } },
  { name: "draft", parameters: { open: "joon-park" } },
  { name: "hebrew", parameters: { open: "noa-friedman" } },
  { name: "labels", parameters: { open: "greta-lindholm" } },
  { name: "snoozed", parameters: { open: "lucas-weber" } },
  { name: "taken-back", parameters: { state: "takenback", open: "maya-lindqvist" } },
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
    name: "writing-a-note",
    parameters: { open: "dolores-whitfield" },
    prepare: async (page) => {
      await page.getByTestId("note-mode").click();
      await page.getByTestId("note").fill("Send the invoice by post.\nSecond line.");
    },
  },
  {
    name: "label-view",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("view-label").last().click();
      await page.getByTestId("conversation").first().waitFor();
    },
  },
  { name: "photo", parameters: { open: "priya-raman" } },
  { name: "offline-thread", parameters: { state: "offline", open: "maya-lindqvist" } },
  {
    name: "composing",
    parameters: { open: "owen-fitzgerald" },
    prepare: async (page) => {
      await composer(page).fill("Hi Owen,\nyes – the “new” pads are in.\nCome by whenever you like…\n\nNora");
      await page.getByTestId("use-plain").waitFor();
    },
  },
  {
    name: "too-long",
    parameters: { open: "owen-fitzgerald" },
    prepare: async (page) => {
      await composer(page).fill("A very long text. ".repeat(100));
      await page.getByText("1,800 of 1,600").waitFor();
    },
  },
  { name: "signin-error", parameters: { state: "signin" }, prepare: failSignIn },
  {
    name: "signin-missing",
    parameters: { state: "signin" },
    prepare: (page) => page.getByTestId("signin-submit").click(),
  },
  {
    name: "menu",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("agent-menu").click();
      await page.getByRole("menu").waitFor();
    },
  },
  {
    name: "shortcuts",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("conversation").first().waitFor();
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "sign-in-again",
    parameters: { state: "expired", open: "maya-lindqvist" },
    prepare: async (page) => {
      await page.getByTestId("expired-bar").getByRole("button").click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "search-help",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("search").click();
      await page.getByTestId("search-help").waitFor();
    },
  },
  {
    name: "search",
    parameters: { open: "maya-lindqvist" },
    prepare: async (page) => {
      await page.getByTestId("search").fill("ma");
      await page.getByTestId("found-message").first().waitFor();
    },
  },
  {
    name: "search-nothing",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("search").fill("xylophone");
      await page.getByText("Nothing found").waitFor();
    },
  },
  {
    name: "search-opened",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("search").fill("brake in:owen");
      await page.getByTestId("found-message").first().click();
      await page.locator("[data-found]").waitFor();
    },
  },
  { name: "jump", parameters: { state: "history" }, prepare: readUpwards },
  {
    name: "unread-filter",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("filter-unread").click();
      await page.getByTestId("conversation").first().waitFor();
    },
  },
];

// The window as a whole: signing in, how it stands to the server and to this machine, accounts, languages.

import type { Page } from "playwright-core";
import { states as fakeStates, type FakeState } from "@/backend/fake/scenario";
import { advance } from "../window";
import { byName, type WindowState } from "./state";

async function failSignIn(page: Page): Promise<void> {
  await page.getByTestId("signin-server").fill("https://unreachable.example.com");
  await page.getByTestId("signin-email").fill("nora@northside-bikes.example");
  await page.getByTestId("signin-password").fill("something");
  await page.getByTestId("signin-submit").click();
  await advance(page, 1_000);
  await page.getByTestId("signin-error").waitFor();
}

/** Those that are shown with more than themselves. */
const prepared: readonly FakeState[] = ["live", "takenback", "accounts", "teams"];

export const whole: readonly WindowState[] = [
  ...fakeStates.filter((state) => !prepared.includes(state)).map(byName),
  { name: "nothing-selected", parameters: {} },
  {
    name: "outbox",
    parameters: { state: "offline" },
    prepare: async (page) => {
      await page.getByTestId("open-outbox").click();
      await page.getByTestId("outbox-text").nth(2).waitFor();
    },
  },
  { name: "taken-back", parameters: { state: "takenback", open: "maya-lindqvist" } },
  {
    name: "label-view",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("view-label").last().click();
      await page.getByTestId("conversation").first().waitFor();
    },
  },
  {
    name: "sign-out",
    parameters: { state: "offline" },
    prepare: async (page) => {
      await page.evaluate(() => window.desklineFake?.setUntold(3));
      await page.getByTestId("agent-menu").click();
      await page.getByTestId("sign-out").click();
      await page.getByTestId("sign-out-confirm").waitFor();
    },
  },
  {
    name: "teams",
    parameters: { state: "teams" },
    prepare: async (page) => {
      await page.getByTestId("team-menu").click();
      await page.getByTestId("show-team").nth(2).waitFor();
    },
  },
  { name: "german", parameters: { lang: "de", open: "maya-lindqvist" } },
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
    name: "accounts",
    parameters: { state: "accounts" },
    prepare: async (page) => {
      await page.getByTestId("agent-menu").click();
      await page.getByTestId("switch-account").waitFor();
    },
  },
  {
    name: "another-account",
    parameters: { state: "accounts" },
    prepare: async (page) => {
      await page.getByTestId("agent-menu").click();
      await page.getByTestId("add-account").click();
      await page.getByTestId("back-to-account").first().waitFor();
    },
  },
  {
    name: "left-alone",
    parameters: { open: "tomas-rivera" },
    prepare: async (page) => {
      await page.getByTestId("agent-menu").click();
      await page.getByTestId("quiet-tomorrow").click();
      await page.getByTestId("agent-menu").click();
      await page.getByTestId("quiet-off").waitFor();
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
    name: "unread-filter",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("filter-unread").click();
      await page.getByTestId("conversation").first().waitFor();
    },
  },
];

// Settings, what owners and admins set, and their first start.

import type { Page } from "playwright-core";
import { advance, untilTestIsOut } from "../window";
import type { WindowState } from "./state";

/** What owners and admins set. */
async function openTeamSettings(page: Page, section: string): Promise<void> {
  await page.getByTestId("agent-menu").click();
  await page.getByTestId("open-settings").click();
  await page.getByTestId(`settings-${section}`).click();
  await page.getByText("Asking your team’s server…").waitFor({ state: "detached" });
}

/** The first step of an owner. */
async function connect(page: Page): Promise<void> {
  await page.getByTestId("twilio-sid").fill(`AC${"0".repeat(32)}`);
  await page.getByTestId("twilio-token").fill("right");
  await page.getByTestId("twilio-connect").click();
  await page.locator("[data-testid=setup][data-step=numbers]").waitFor();
}

export const settings: readonly WindowState[] = [
  ...["members", "twilio", "replies", "labels", "optOuts", "letters", "data"].map((section) => ({
    name: `team-${section}`,
    parameters: { role: "owner" },
    prepare: (page: Page) => openTeamSettings(page, section),
  })),
  {
    name: "team-connecting",
    parameters: { role: "owner", state: "notwilio" },
    prepare: async (page) => {
      await page.getByTestId("setup-later").click();
      await openTeamSettings(page, "twilio");
      await page.getByTestId("twilio-connect").click();
      await page.getByText("An account SID begins with AC").waitFor();
    },
  },
  {
    name: "settings-direct",
    parameters: { state: "direct" },
    prepare: async (page) => {
      await openTeamSettings(page, "direct");
      await page.getByTestId("direct-account").fill(`AC${"0".repeat(32)}`);
      await page.getByTestId("direct-key").fill(`SK${"0".repeat(32)}`);
      await page.getByTestId("direct-secret").fill("a secret");
      await page.getByTestId("direct-enter").click();
      await page.getByTestId("direct-own").waitFor();
      await page.getByTestId("direct-enter").click();
      await page.getByText("An Account SID is AC").waitFor();
    },
  },
  {
    name: "setup",
    parameters: { role: "owner", state: "notwilio" },
    prepare: (page) => page.getByTestId("setup").waitFor(),
  },
  {
    name: "setup-numbers",
    parameters: { role: "owner", state: "notwilio" },
    prepare: async (page) => {
      await connect(page);
      await page.getByTestId("point").waitFor();
    },
  },
  {
    name: "setup-arrived",
    parameters: { role: "owner", state: "notwilio" },
    prepare: async (page) => {
      await connect(page);
      await page.getByTestId("point").click();
      await page.getByTestId("setup-next").click();
      await page.getByTestId("setup-phone").fill("+1 555 010 0777");
      await page.getByTestId("setup-send").click();
      await untilTestIsOut(page);
      await advance(page, 5_000);
      await page.locator("[data-testid=setup-said][data-state=delivered]").waitFor();
    },
  },
  {
    name: "setup-invite",
    parameters: { role: "owner", state: "notwilio" },
    prepare: async (page) => {
      await page.getByTestId("setup-invite").click();
      await page.getByTestId("invite-email").fill("somebody.with.a.long.name@northside-bikes.example");
      await page.getByTestId("invite").click();
      await page.getByTestId("first-password").waitFor();
    },
  },
  {
    name: "setup-left",
    parameters: { role: "owner", state: "notwilio" },
    prepare: async (page) => {
      await page.getByTestId("setup-later").click();
      await page.getByTestId("setup-bar").waitFor();
    },
  },
  {
    name: "sending",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("agent-menu").click();
      await page.getByTestId("open-settings").click();
      await page.getByTestId("settings-sending").click();
      await page.getByTestId("hold-minutes").waitFor();
    },
  },
  {
    name: "password",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("agent-menu").click();
      await page.getByTestId("open-settings").click();
      await page.getByTestId("settings-account").click();
      await page.getByTestId("change-password").click();
      await page.getByTestId("password-current").fill("wrong");
      await page.getByTestId("password-next").fill("battery staple");
      await page.getByTestId("password-save").click();
      await advance(page, 1_000);
      await page.getByTestId("password-failure").waitFor();
    },
  },
  {
    name: "german-settings",
    parameters: { lang: "de" },
    prepare: async (page) => {
      await page.getByTestId("agent-menu").click();
      await page.getByTestId("open-settings").click();
      await page.getByTestId("settings").waitFor();
    },
  },
  {
    name: "settings",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("agent-menu").click();
      await page.getByTestId("open-settings").click();
      await page.getByTestId("mine-only").waitFor();
    },
  },
  ...["account", "appearance", "storage", "computer", "about"].map<WindowState>((section) => ({
    name: `settings-${section}`,
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("agent-menu").click();
      await page.getByTestId("open-settings").click();
      await page.getByTestId(`settings-${section}`).click();
      await page.getByRole("heading", { level: 3 }).waitFor();
    },
  })),
  {
    name: "network",
    parameters: { state: "signin" },
    prepare: async (page) => {
      await page.getByTestId("open-network").click();
      await page.getByTestId("proxy-manual").check();
      await page.getByTestId("network-save").click();
      await page.getByRole("dialog").getByRole("alert").waitFor();
    },
  },
  {
    name: "diagnostics",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("agent-menu").click();
      await page.getByTestId("open-diagnostics").click();
      await page.getByTestId("diagnostics").waitFor();
    },
  },
];

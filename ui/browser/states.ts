// Every state of the window and how to get there. Walked through by the axe, overflow and screenshot runs.

import type { Page } from "playwright-core";
import type { Parameters } from "./chromium";
import { KIM, RAFA } from "@/backend/fake/team";
import { advance, answerAs, bubble, colleague, composer, receive, write } from "./window";

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

/** A picture with a long name, a card and a table go with the draft. */
async function attachSome(page: Page): Promise<void> {
  await composer(page).fill("Here is all of it:");
  const picture = await page.screenshot({ type: "png", clip: { x: 0, y: 0, width: 320, height: 240 } });
  const name = "the front wheel of the bicycle as it came back from the workshop on Saturday.png";
  await page.getByTestId("attach-input").setInputFiles([
    { name, mimeType: "image/png", buffer: picture },
    { name: "shop.vcf", mimeType: "text/vcard", buffer: Buffer.from("BEGIN:VCARD") },
    { name: "prices.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n".repeat(700)) },
  ]);
  await page.getByTestId("attachment").nth(2).waitFor();
}

/** What owners and admins set. */
async function openTeamSettings(page: Page, section: string): Promise<void> {
  await page.getByTestId("agent-menu").click();
  await page.getByTestId("open-settings").click();
  await page.getByTestId(`settings-${section}`).click();
  await page.getByText("Asking your team’s server…").waitFor({ state: "detached" });
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
  ...[
    "signin",
    "syncing",
    "empty",
    "offline",
    "connecting",
    "expired",
    "incompatible",
    "memoryonly",
    "keychainlocked",
    "notwilio",
    "direct",
  ].map(byName),
  ...["rebuilding", "diskfull", "wrongclock", "noaccess", "restored", "leaseover", "held"].map(byName),
  ...["optedout", "failed", "parked", "unknown", "rtl", "emoji", "long", "history", "word", "longname"].map(
    byName,
  ),
  ...["members", "twilio", "replies", "labels", "letters", "data"].map((section) => ({
    name: `team-${section}`,
    parameters: { role: "owner" },
    prepare: (page: Page) => openTeamSettings(page, section),
  })),
  {
    name: "team-connecting",
    parameters: { role: "owner", state: "notwilio" },
    prepare: async (page) => {
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
  {
    name: "colleagues",
    parameters: { open: "owen-fitzgerald" },
    prepare: async (page) => {
      await composer(page).waitFor();
      await colleague(page, RAFA, "owen-fitzgerald", "viewing");
      await colleague(page, KIM, "owen-fitzgerald", "typing");
      await page.getByTestId("writer").filter({ hasText: "Kim Andersen is writing" }).waitFor();
    },
  },
  {
    name: "claim-typing",
    parameters: { open: "owen-fitzgerald" },
    prepare: async (page) => {
      await colleague(page, KIM, "owen-fitzgerald", "typing");
      await write(page, "The pads are in. Come by whenever you like.");
      await page.getByTestId("claim").waitFor();
    },
  },
  {
    name: "claim-answered",
    parameters: { open: "owen-fitzgerald" },
    prepare: async (page) => {
      await composer(page).fill("The pads are in. Come by whenever you like.");
      await advance(page, 2_000);
      await answerAs(
        page,
        KIM,
        "owen-fitzgerald",
        "Hi Owen, the pads have come in this morning, and so has the new cable. We are here until six today, and from nine on tomorrow. ".repeat(
          3,
        ),
      );
      await advance(page, 20_000);
      await bubble(page, "so has the new cable").waitFor();
      await composer(page).press("Enter");
      await page.getByTestId("claim").waitFor();
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
  { name: "attached", parameters: { open: "owen-fitzgerald" }, prepare: attachSome },
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
    name: "night",
    parameters: { open: "layla-haddad" },
    prepare: async (page) => {
      await composer(page).fill("Good morning");
      await page.getByTestId("hour").waitFor();
    },
  },
  {
    name: "new-number",
    parameters: { open: "kwame-mensah" },
    prepare: async (page) => {
      await composer(page).fill("The wheel is true again – “finally”!");
      await page.locator("[data-testid=from][data-new=true]").waitFor();
    },
  },
  { name: "no-number", parameters: { state: "notwilio", open: "maya-lindqvist" } },
  {
    name: "replies",
    parameters: { open: "maya-lindqvist" },
    prepare: async (page) => {
      await composer(page).fill("/");
      await page.getByTestId("reply-option").nth(2).waitFor();
    },
  },
  {
    name: "reply-lacks",
    parameters: { open: "owen-fitzgerald" },
    prepare: async (page) => {
      await composer(page).fill("/ready");
      await page.getByTestId("reply-option").click();
      await page.getByTestId("lacks").waitFor();
    },
  },
  {
    name: "emoji-picker",
    parameters: { open: "owen-fitzgerald" },
    prepare: async (page) => {
      await page.getByTestId("emoji-button").click();
      await page.getByRole("button", { name: "grinning face", exact: true }).waitFor();
    },
  },
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
      await page.getByText("Opted out by text").waitFor();
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
    name: "palette",
    parameters: { open: "maya-lindqvist" },
    prepare: async (page) => {
      await page.getByTestId("message").last().waitFor();
      await page.keyboard.press("Control+k");
      await page.getByTestId("palette-action").first().waitFor();
    },
  },
  {
    name: "palette-found",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("conversation").first().waitFor();
      await page.keyboard.press("Control+k");
      await page.getByTestId("palette-field").fill("ma");
      await page.getByTestId("palette-message").first().waitFor();
    },
  },
  {
    name: "palette-nothing",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("conversation").first().waitFor();
      await page.keyboard.press("Control+k");
      await page.getByTestId("palette-field").fill("xylophone");
      await page.getByText("Nothing is called so.").waitFor();
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
    name: "teams",
    parameters: { state: "teams" },
    prepare: async (page) => {
      await page.getByTestId("team-menu").click();
      await page.getByTestId("show-team").nth(2).waitFor();
    },
  },
  { name: "german", parameters: { lang: "de", open: "maya-lindqvist" } },
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
    name: "german-panel",
    parameters: { lang: "de", open: "dolores-whitfield" },
    prepare: async (page) => {
      await page.getByTestId("panel").click();
      await page.getByText("Per Nachricht abgemeldet").waitFor();
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
    name: "search-kept",
    parameters: {},
    prepare: async (page) => {
      await page.getByTestId("search").fill("from:marcus has:media or a search that is quite long");
      await page.getByTestId("keep-search").click();
      await page.getByTestId("saved-search").waitFor();
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

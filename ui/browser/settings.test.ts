// What the agent sets: what is notified, being left alone, a muted conversation; and what is copied for whoever is asked for help.

import { describe, expect, test } from "vitest";
import { opensDesks } from "./desk";
import { advance, bubble, composer, focused, row } from "./window";

const desk = opensDesks();

describe("settings", () => {
  test("are reached from the agent's menu, hold at once, and are there the next time", async () => {
    const page = await desk({});
    await page.getByTestId("agent-menu").click();
    await page.getByTestId("open-settings").click();

    await page.getByTestId("content-nameOnly").check();
    await page.getByTestId("mine-only").check();
    await page.getByTestId("settings-computer").click();
    await page.getByTestId("start-at-login").check();
    await page.keyboard.press("Escape");
    await page.getByTestId("agent-menu").click();
    await page.getByTestId("open-settings").click();

    expect(await page.getByTestId("content-nameOnly").isChecked()).toBe(true);
    expect(await page.getByTestId("mine-only").isChecked()).toBe(true);
    expect(await page.getByTestId("sound").isChecked()).toBe(true);
    await page.getByTestId("settings-computer").click();
    expect(await page.getByTestId("start-at-login").isChecked()).toBe(true);
  });

  test("swap the key that sends, for texts and for notes", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await page.getByTestId("agent-menu").click();
    await page.getByTestId("open-settings").click();
    await page.getByTestId("settings-sending").click();
    await page.getByTestId("send-with-shift").check();
    await page.keyboard.press("Escape");

    await composer(page).fill("first line");
    await composer(page).press("Enter");
    await page.keyboard.type("two");
    expect(await composer(page).inputValue()).toBe("first line\ntwo");
    await composer(page).press("Shift+Enter");

    await bubble(page, "first line").waitFor();
    expect(await composer(page).inputValue()).toBe("");
  });

  test("speak another language at once, and keep what was begun", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).fill("half a sente");
    await page.getByTestId("agent-menu").click();
    await page.getByTestId("open-settings").click();
    await page.getByTestId("settings-appearance").click();
    await page.getByTestId("language-de").click();

    await page.getByTestId("filter-mine").filter({ hasText: "Meine" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("de");
    await page.keyboard.press("Escape");
    expect(await composer(page).inputValue()).toBe("half a sente");
    await page.reload();
    await page.getByTestId("filter-mine").filter({ hasText: "Meine" }).waitFor();
  });

  test("let a hand on the arrow keys go through the languages", async () => {
    const page = await desk({});
    await page.getByTestId("agent-menu").click();
    await page.getByTestId("open-settings").click();
    await page.getByTestId("settings-appearance").click();
    await page.getByTestId("language-system").focus();

    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.getByTestId("filter-mine").filter({ hasText: "Meine" }).waitFor();
    await page.getByTestId("settings").getByRole("heading", { name: "Aussehen" }).waitFor();
    expect(await focused(page)).toBe("language-de");

    await page.keyboard.press("ArrowUp");
    await page.getByTestId("filter-mine").filter({ hasText: "Mine" }).waitFor();
    expect(await focused(page)).toBe("language-en");
  });

  test("tell how much is kept here, and fetch it anew", async () => {
    const page = await desk({});
    await page.getByTestId("agent-menu").click();
    await page.getByTestId("open-settings").click();
    await page.getByTestId("settings-storage").click();
    await page.getByTestId("storage-size").filter({ hasText: "30 conversations" }).waitFor();

    await page.getByTestId("storage-rebuild").click();
    await page.getByTestId("storage-rebuild-confirm").click();

    await page.getByText("It is being fetched.").waitFor();
    await page.getByTestId("rebuilding-bar").waitFor();
  });

  test("that cannot be kept say why and go back", async () => {
    const page = await desk({ state: "diskfull" });
    await page.getByTestId("agent-menu").click();
    await page.getByTestId("open-settings").click();

    await page.getByTestId("mine-only").click();

    await page.getByRole("dialog").getByRole("alert").filter({ hasText: "disk" }).waitFor();
    expect(await page.getByTestId("mine-only").isChecked()).toBe(false);
  });
});

describe("do not disturb", () => {
  test("is turned on for an hour, is seen, and ends by itself", async () => {
    const page = await desk({});
    await page.getByTestId("agent-menu").click();
    await page.getByTestId("quiet-hour").click();
    await page.getByTestId("quiet").waitFor();

    await page.getByTestId("agent-menu").click();
    await page.getByTestId("quiet-off").filter({ hasText: "Until 19:24" }).waitFor();
    await page.keyboard.press("Escape");
    await advance(page, 3_700_000);
    await page.evaluate(() => window.desklineFake?.receive("sam-carter", "Back?"));

    await page.getByTestId("quiet").waitFor({ state: "detached" });
  });

  test("is turned on until it is turned off", async () => {
    const page = await desk({});
    await page.getByTestId("agent-menu").click();
    await page.getByTestId("quiet-on").click();
    await page.getByTestId("quiet").waitFor();

    await page.getByTestId("agent-menu").click();
    await page.getByTestId("quiet-off").click();

    await page.getByTestId("quiet").waitFor({ state: "detached" });
  });
});

test("a conversation is muted in its menu, and its row says so", async () => {
  const page = await desk({ open: "owen-fitzgerald" });
  await page.getByTestId("message").last().waitFor();

  await page.getByTestId("more-menu").click();
  await page.getByTestId("mute").click();

  await row(page, "Owen Fitzgerald").getByTestId("muted").waitFor();
  await page.getByTestId("badge").filter({ hasText: "Muted" }).waitFor();
  await page.getByTestId("more-menu").click();
  await page.getByTestId("mute").filter({ hasText: "Unmute" }).click();
  await row(page, "Owen Fitzgerald").getByTestId("muted").waitFor({ state: "detached" });
});

test("diagnostics are shown before they are copied", async () => {
  const page = await desk({});
  await page.getByTestId("agent-menu").click();
  await page.getByTestId("open-diagnostics").click();
  expect(await page.getByTestId("diagnostics").inputValue()).toContain("Conversations: 30");

  await page.getByTestId("diagnostics-copy").click();

  await page.getByText("Copied").waitFor();
});

describe("the way to the server", () => {
  test("is reached before anybody is signed in, and says what is wrong with it", async () => {
    const page = await desk({ state: "signin" });
    await page.getByTestId("open-network").click();

    await page.getByTestId("proxy-manual").check();
    await page.getByTestId("network-save").click();
    await page.getByRole("alert").filter({ hasText: "looks like proxy.example.com:8080" }).waitFor();

    await page.getByTestId("proxy-address").fill("proxy.example.com:8080");
    await page.getByTestId("certificates-file").setInputFiles({
      name: "company.pem",
      mimeType: "application/x-pem-file",
      buffer: Buffer.from("nothing of the kind"),
    });
    await page.getByTestId("certificates").filter({ hasText: "company.pem" }).waitFor();
    await page.getByTestId("network-save").click();

    await page.getByRole("alert").filter({ hasText: "no certificate" }).waitFor();
  });
});

describe("several accounts", () => {
  test("are switched in the agent's menu, and one more is added", async () => {
    const page = await desk({ state: "accounts", open: "sam-carter" });
    await page.getByTestId("agent-menu").click();
    await page.getByTestId("switch-account").filter({ hasText: "3 unread" }).click();

    await page.getByTestId("thread").waitFor({ state: "detached" });
    await page.getByTestId("agent-menu").click();
    await page.getByTestId("switch-account").filter({ hasText: "nora@northside-bikes.example" }).waitFor();
    await page.getByTestId("add-account").click();

    await page.getByTestId("back-to-account").filter({ hasText: "nora@northside" }).click();
    await page.getByTestId("conversation").first().waitFor();
  });
});

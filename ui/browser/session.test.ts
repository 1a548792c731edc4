// Signing in, signing out, and the agent's menu.

import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { opensDesks } from "./desk";
import { advance, focused } from "./window";

const desk = opensDesks();

describe("signing in", () => {
  async function signIn(page: Page, server: string, password: string): Promise<void> {
    await page.getByTestId("signin-server").fill(server);
    await page.getByTestId("signin-email").fill("nora@northside-bikes.example");
    await page.getByTestId("signin-password").fill(password);
    await page.getByTestId("signin-submit").click();
    await advance(page, 1_000);
  }

  test("opens the inbox", async () => {
    const page = await desk({ state: "signin" });
    expect(await focused(page)).toBe("signin-server");

    await signIn(page, "desk.northside-bikes.example", "right");

    await page.getByTestId("conversation").first().waitFor();
    expect(await page.title()).toBe("(8) Deskline");
  });

  test("says that the keychain is locked, and what to do about it", async () => {
    const page = await desk({ state: "keychainlocked" });

    const said = await page.getByTestId("signin-keychain").textContent();

    expect(said).toContain("it is locked");
    expect(said).toContain("whoever signs in keeps nothing here");
  });

  test("asks for what is missing, at its place", async () => {
    const page = await desk({ state: "signin" });

    await page.getByTestId("signin-submit").click();

    await page.getByText("Write the address of your team’s server.").waitFor();
    await page.getByText("Write your password.").waitFor();
    expect(await focused(page)).toBe("signin-server");
  });

  test.each([
    [
      "https://desk.example",
      "wrong",
      "badCredentials",
      "The e-mail address or the password is wrong.",
      "signin-password",
    ],
    ["https://unreachable.example", "x", "unreachable", "cannot be reached", "signin-submit"],
    ["https://not-a-server.example", "x", "notAServer", "There is no Deskline server", "signin-server"],
    [
      "https://old.example",
      "x",
      "incompatible",
      "Ask whoever runs the server to update it.",
      "signin-submit",
    ],
  ])(
    "%s with %s says %s in plain words, and the focus is where to go on",
    async (server, password, code, sentence, goOn) => {
      const page = await desk({ state: "signin" });

      await signIn(page, server, password);

      const error = page.getByTestId("signin-error");
      await error.waitFor();
      expect(await error.getAttribute("data-code")).toBe(code);
      expect(await error.textContent()).toContain(sentence);
      expect(await page.getByTestId("signin-email").inputValue()).toBe("nora@northside-bikes.example");
      expect(await focused(page)).toBe(goOn);
    },
  );

  test("forgets why it failed once its dialog is closed", async () => {
    const page = await desk({ state: "expired" });
    const again = page.getByTestId("expired-bar").getByRole("button", { name: "Sign in again" });
    await again.click();
    await page.getByTestId("signin-password").fill("wrong");
    await page.keyboard.press("Enter");
    await advance(page, 1_000);
    await page.getByTestId("signin-error").waitFor();

    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await again.click();

    await page.getByTestId("signin-password").waitFor();
    expect(await page.getByTestId("signin-error").count()).toBe(0);
  });
});

describe("the agent's menu", () => {
  test("sets the theme, and the next start has it", async () => {
    const page = await desk();
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await ground()).toBe("rgb(255, 255, 255)");

    await page.getByTestId("agent-menu").click();
    await page.getByTestId("theme-dark").click();
    expect(await ground()).toBe("rgb(28, 29, 34)");

    await page.reload();
    await page.getByTestId("conversation").first().waitFor();
    expect(await ground()).toBe("rgb(28, 29, 34)");
  });

  test("signs out, and the form knows who was here", async () => {
    const page = await desk();

    await page.getByTestId("agent-menu").click();
    await page.getByTestId("sign-out").click();

    await page.getByTestId("signin-password").waitFor();
    expect(await page.getByTestId("signin-email").inputValue()).toBe("nora@northside-bikes.example");
    expect(await page.title()).toBe("Deskline");
  });

  test("asks first while texts wait", async () => {
    const page = await desk({ state: "offline" });

    await page.getByTestId("agent-menu").click();
    await page.getByTestId("sign-out").click();
    await page
      .getByRole("dialog")
      .filter({ hasText: "2 texts wait on this machine, and are lost" })
      .waitFor();
    await page.getByTestId("sign-out-confirm").click();

    await page.getByTestId("signin-password").waitFor();
  });
});

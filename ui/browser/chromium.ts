// Debian's Chromium under Playwright, and pages of the window in it.
//
// CHROMIUM names another one. Nothing leaves the machine: background networking is off, and a page that asks for anything
// but its own server, logs an error or throws, fails its test.

import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { inject } from "vitest";

export type Parameters = Readonly<Record<string, string>>;

export interface Size {
  width: number;
  height: number;
}

export const DESKTOP: Size = { width: 1200, height: 760 };
export const SMALL: Size = { width: 720, height: 480 };

/** The start of every test: a Saturday afternoon that stands still. */
export const NOW = "2026-11-21T18:24:00Z";

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-default-apps",
      "--disable-sync",
      "--no-first-run",
      "--no-default-browser-check",
      "--disable-features=OptimizationHints,MediaRouter,Translate",
    ],
  });
}

/** A page of the window, and what went wrong on it. */
export interface Opened {
  page: Page;
  context: BrowserContext;
  /** Errors of the console and of scripts so far; a test ends with none. */
  problems: string[];
}

/** Opens the window in the state that `parameters` name (src/backend/fake/scenario.ts). Time stands still. */
export async function open(
  browser: Browser,
  parameters: Parameters = {},
  size: Size = DESKTOP,
): Promise<Opened> {
  const context = await browser.newContext({
    viewport: size,
    locale: "en-GB",
    timezoneId: "UTC",
    reducedMotion: "reduce",
    colorScheme: parameters.theme === "dark" ? "dark" : "light",
  });
  const page = await context.newPage();
  const problems: string[] = [];
  const base = inject("base");
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    // Pictures that the page made itself have its own address behind `blob:`.
    if (
      !request
        .url()
        .replace(/^blob:/, "")
        .startsWith(base)
    )
      problems.push(`asked for ${request.url()}`);
  });
  const query = new URLSearchParams({ clock: "manual", now: NOW, ...parameters });
  await page.goto(`${base}?${query.toString()}`);
  await page.locator("#app main").first().waitFor();
  await page.evaluate(() => document.fonts.ready);
  return { page, context, problems };
}

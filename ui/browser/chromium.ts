// Debian's Chromium under Playwright, and pages of the window in it.
//
// The pages of one Chromium share what it has fetched and compiled of the window: a page of its own for every test costs a third of what a
// profile of its own would. What a window keeps is forgotten in between.
//
// CHROMIUM names another one. Nothing leaves the machine: background networking is off, and a page that asks for anything
// but its own server, logs an error or throws, fails its test.

import { chromium, type BrowserContext, type Page } from "playwright-core";
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

/** One Chromium, and all its pages. */
export interface Chromium {
  context: BrowserContext;
  close: () => Promise<void>;
}

export async function launch(): Promise<Chromium> {
  const browser = await chromium.launch({
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
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce" });
  // Shorter than a test may take: what is waited for in vain says what it is.
  context.setDefaultTimeout(20_000);
  return { context, close: () => browser.close() };
}

/** A page of the window, and what went wrong on it. */
export interface Opened {
  page: Page;
  /** Errors of the console and of scripts so far; a test ends with none. */
  problems: string[];
}

/** Opens the window in the state that `parameters` name (src/backend/fake/scenario.ts). Time stands still. */
export async function open(
  { context }: Chromium,
  parameters: Parameters = {},
  size: Size = DESKTOP,
): Promise<Opened> {
  const page = await context.newPage();
  await page.setViewportSize(size);
  await showIn(page, parameters.theme === "dark" ? "dark" : "light");
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
  return { page, problems };
}

/** From here on the system has this theme; a window that was opened with one of its own keeps that. */
export const showIn = (page: Page, colorScheme: "light" | "dark") => page.emulateMedia({ colorScheme });

/** Closes the page, and forgets what its window kept. */
export async function close({ page }: Opened): Promise<void> {
  // The preferences and the theme: all that a window keeps by itself.
  await page.evaluate(() => localStorage.clear());
  await page.close();
}

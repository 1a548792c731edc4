// What browser tests do with the window and ask of it.

import type { Page } from "playwright-core";
import type { Audit } from "@/bindings/Audit";
import type { Connection } from "@/bindings/Connection";
import type { LocalCopy } from "@/bindings/LocalCopy";
import type { ReplySettings } from "@/bindings/ReplySettings";

/** Moves the fake's clock. */
export const advance = (page: Page, ms: number) =>
  page.evaluate((by) => window.desklineFake?.advance(by), ms);

/** Lets a contact text us; answers with the id of the text. */
export const receive = (page: Page, slug: string, text: string) =>
  page.evaluate(([who, what]) => window.desklineFake?.receive(who, what) ?? "", [slug, text] as const);

export const setConnection = (page: Page, connection: Connection) =>
  page.evaluate((to) => window.desklineFake?.setConnection(to), connection);

export const setLocalCopy = (page: Page, copy: LocalCopy) =>
  page.evaluate((to) => window.desklineFake?.setLocalCopy(to), copy);

export const setAudit = (page: Page, audit: Audit) =>
  page.evaluate((to) => window.desklineFake?.setAudit(to), audit);

/** Lets a colleague look at a conversation, write in it, or leave it. */
export const colleague = (page: Page, who: string, slug: string, does: "viewing" | "typing" | "gone") =>
  page.evaluate(([a, b, c]) => window.desklineFake?.colleague(a, b, c), [who, slug, does] as const);

/** Lets a colleague answer a contact. */
export const answerAs = (page: Page, who: string, slug: string, text: string) =>
  page.evaluate(([a, b, c]) => window.desklineFake?.answerAs(a, b, c), [who, slug, text] as const);

/** Lets the agent attach a picture to a draft at another desktop. */
export const attachElsewhere = (page: Page, slug: string, name: string) =>
  page.evaluate(([a, b]) => window.desklineFake?.attachElsewhere(a, b), [slug, name] as const);

/** Lets the agent write a note beside a conversation at another desktop, or set something else there. */
export const setElsewhere = (page: Page, slug: string, reply: ReplySettings) =>
  page.evaluate(([a, b]) => window.desklineFake?.setElsewhere(a, b), [slug, reply] as const);

export const row = (page: Page, name: string) => page.getByTestId("conversation").filter({ hasText: name });
export const bubble = (page: Page, text: string) => page.getByTestId("message").filter({ hasText: text });
/** Waits until the text is in the state. */
export const state = (page: Page, text: string, wanted: string) =>
  page.locator(`[data-testid=message][data-state=${wanted}]`).filter({ hasText: text }).waitFor();
export const composer = (page: Page) => page.getByTestId("composer");

/** Opens a conversation with the mouse and waits for its thread. */
export async function openThread(page: Page, name: string): Promise<void> {
  await row(page, name).click();
  await page.getByRole("heading", { name }).waitFor();
  await page.getByTestId("message").last().waitFor();
}

/** Types a text and presses Enter. */
export async function write(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press("Enter");
}

/** Waits until the thread stands at its newest text, or does not. */
export const untilAtNewest = (page: Page, wanted: boolean) =>
  page.waitForFunction((expected) => {
    const box = document.querySelector("[data-testid=thread]");
    return box !== null && box.scrollHeight - box.scrollTop - box.clientHeight < 32 === expected;
  }, wanted);

/** The test id of what has the focus, or its tag. */
export const focused = (page: Page) =>
  page.evaluate(() => {
    const active = document.activeElement;
    return active instanceof HTMLElement ? (active.dataset.testid ?? active.tagName) : "";
  });

/** Elements that stick out of the window or are cut off sideways without an ellipsis. */
export const overflowing = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("#app *")]
      .filter((element) => {
        const box = element.getBoundingClientRect();
        if (box.width === 0 || box.height === 0 || element.closest(".sr-only, svg")) return false;
        const style = getComputedStyle(element);
        const scrolls = element.scrollWidth > element.clientWidth + 1 && /auto|scroll/.test(style.overflowX);
        return box.right > innerWidth + 1 || box.left < -1 || scrolls;
      })
      .map((element) => `${element.tagName}.${element.className}`),
  );

/** Lets the feed bring the contact that an owner's test text goes to, whenever the fake has read the file that makes it. */
export async function untilTestIsOut(page: Page): Promise<void> {
  const said = page.locator("[data-testid=setup-said][data-state]");
  while ((await said.count()) === 0) await advance(page, 300);
}

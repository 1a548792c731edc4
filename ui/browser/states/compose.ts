// Writing: the composer, what it says, texts for later, notes, and colleagues who are at it too.

import type { Page } from "playwright-core";
import { KIM, RAFA } from "@/backend/fake/team";
import { advance, answerAs, attachElsewhere, bubble, colleague, composer, write } from "../window";
import type { WindowState } from "./state";

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

/** What was written has gone. */
const untilBlank = (page: Page) =>
  page.waitForFunction(
    () => document.querySelector<HTMLTextAreaElement>("[data-testid=composer]")?.value === "",
  );

export const compose: readonly WindowState[] = [
  {
    name: "note-kept",
    parameters: { open: "dolores-whitfield" },
    prepare: async (page) => {
      await page.getByTestId("note-mode").click();
      await page.getByTestId("note").fill("Send the invoice by post.");
      await page.getByTestId("note").press("Enter");
      await page.getByTestId("note-hint").filter({ hasText: "not sent" }).waitFor();
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
    name: "later-menu",
    parameters: { open: "layla-haddad" },
    prepare: async (page) => {
      await composer(page).fill("Good morning");
      await page.getByTestId("hour").waitFor();
      await page.getByTestId("later").click();
      await page.getByTestId("later-there").waitFor();
    },
  },
  {
    name: "later-own",
    parameters: { open: "layla-haddad" },
    prepare: async (page) => {
      await composer(page).fill("Good morning");
      await page.getByTestId("hour").waitFor();
      await page.getByTestId("later").click();
      await page.getByTestId("later-own").click();
      await page.getByTestId("later-field").waitFor();
    },
  },
  {
    name: "later-kept",
    parameters: { open: "layla-haddad" },
    prepare: async (page) => {
      for (const text of [
        "Good morning",
        "And a longer one that says much more than there is room for in a line. ".repeat(3),
        "Third",
      ]) {
        await composer(page).fill(text);
        await page.getByTestId("later").click();
        await page.getByTestId("later-tomorrow").click();
        await untilBlank(page);
        await advance(page, 1_000);
      }
      await page.getByTestId("later-all").click();
      await page.getByTestId("later-menu").last().click();
      await page.getByTestId("later-now").waitFor();
    },
  },
  {
    name: "later-offline",
    parameters: { open: "owen-fitzgerald", state: "offline" },
    prepare: async (page) => {
      for (const text of ["For tomorrow", "Another"]) {
        await composer(page).fill(text);
        await page.getByTestId("later").click();
        if (text === "For tomorrow") await page.getByTestId("later-tomorrow").click();
      }
      await page.getByTestId("later-where").waitFor();
    },
  },
  { name: "attached", parameters: { open: "owen-fitzgerald" }, prepare: attachSome },
  {
    name: "attached-elsewhere",
    parameters: { open: "owen-fitzgerald" },
    prepare: async (page) => {
      await composer(page).fill("This is how it looks now:");
      await attachElsewhere(page, "owen-fitzgerald", "the front wheel.jpg");
      await page.evaluate(() => window.desklineFake?.arriveFromElsewhere("owen-fitzgerald"));
      await attachElsewhere(page, "owen-fitzgerald", "the rear wheel, as it came back on Saturday.jpg");
      await page.locator("[data-testid=attachment][data-here=false]").waitFor();
    },
  },
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
    name: "too-long",
    parameters: { open: "owen-fitzgerald" },
    prepare: async (page) => {
      await composer(page).fill("A very long text. ".repeat(100));
      await page.getByText("1,800 of 1,600").waitFor();
    },
  },
];

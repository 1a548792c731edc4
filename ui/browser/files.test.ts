// Files: attached with the mouse, by drop and by paste; shown in boxes that do not move; looked at and saved.

import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { opensDesks } from "./desk";
import {
  attachElsewhere,
  bubble,
  composer,
  focused,
  openThread,
  row,
  setConnection,
  untilAtNewest,
} from "./window";

const desk = opensDesks();

/** A picture of one colour, as PNG. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==",
  "base64",
);
const photo = { name: "front-wheel.png", mimeType: "image/png", buffer: PNG };
const card = { name: "shop.vcf", mimeType: "text/vcard", buffer: Buffer.from("BEGIN:VCARD") };
const archive = { name: "everything.zip", mimeType: "application/zip", buffer: Buffer.from("PK") };

const attached = (page: Page) => page.getByTestId("attachment");
const choose = (page: Page, files: (typeof photo)[]) => page.getByTestId("attach-input").setInputFiles(files);

/** What a system does that drops a file on the thread, or holds it above it. */
const drag = (page: Page, type: "dragenter" | "dragover" | "drop") =>
  page.getByTestId("drop-area").evaluate((area, kind) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["words"], "notes.txt", { type: "text/plain" }));
    area.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
  }, type);

describe("attaching files", () => {
  test("shows what is attached, and sends it in one bubble", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).waitFor();

    await choose(page, [photo, card]);
    await attached(page).nth(1).waitFor();
    expect(await attached(page).allInnerTexts()).toEqual([
      expect.stringContaining("front-wheel.png"),
      expect.stringContaining("shop.vcf"),
    ]);
    expect(await focused(page)).toBe("composer");
    await untilAtNewest(page, true);

    await composer(page).fill("Like this?");
    await composer(page).press("Enter");
    const sent = bubble(page, "Like this?");
    await sent.locator("[data-testid=picture][data-phase=here] img").waitFor();
    await sent.getByTestId("file").filter({ hasText: "shop.vcf" }).waitFor();
    expect(await attached(page).count()).toBe(0);
    await untilAtNewest(page, true);
  });

  test("needs no words, and what is attached can be taken away again", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).waitFor();
    expect(await page.getByTestId("send").isDisabled()).toBe(true);

    await choose(page, [photo]);
    await attached(page).waitFor();
    expect(await page.getByTestId("send").isEnabled()).toBe(true);
    await page.getByRole("button", { name: "Remove front-wheel.png" }).click();

    await attached(page).waitFor({ state: "detached" });
    expect(await page.getByTestId("send").isDisabled()).toBe(true);
  });

  test("says at once what Twilio does not take", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).waitFor();

    await choose(page, [archive]);

    await page.getByRole("alert").filter({ hasText: "Twilio takes no files of the type" }).waitFor();
    expect(await attached(page).count()).toBe(0);
  });

  test("waits with the draft while another conversation is open", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).waitFor();
    await choose(page, [photo]);
    await attached(page).waitFor();

    await openThread(page, "Sam Carter");
    await row(page, "Owen Fitzgerald").filter({ hasText: "Draft:" }).waitFor();
    expect(await attached(page).count()).toBe(0);
    await openThread(page, "Owen Fitzgerald");

    await attached(page).filter({ hasText: "front-wheel.png" }).waitFor();
  });

  test("shows what was attached at the agent's other computer, also before it is here", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).waitFor();

    await attachElsewhere(page, "owen-fitzgerald", "front-wheel.jpg");
    await attached(page).filter({ hasText: "183 kB · coming" }).waitFor();
    expect(await attached(page).locator("img").count()).toBe(0);
    await setConnection(page, {
      state: "offline",
      since: "2026-11-21T15:24:00Z",
      reason: "nothing answers",
      waiting: 0,
    });
    await attached(page).filter({ hasText: "not here yet" }).waitFor();
    await setConnection(page, { state: "live" });
    await page.evaluate(() => window.desklineFake?.arriveFromElsewhere("owen-fitzgerald"));

    await attached(page).locator("img").waitFor();
    await page.evaluate(() => window.desklineFake?.detachElsewhere("owen-fitzgerald"));
    await attached(page).waitFor({ state: "detached" });
  });

  test("takes files that are dropped on the thread, and says so while they hover", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).waitFor();

    await drag(page, "dragenter");
    await page.getByTestId("drop-here").filter({ hasText: "Owen Fitzgerald" }).waitFor();
    await drag(page, "drop");

    await attached(page).filter({ hasText: "notes.txt" }).waitFor();
    expect(await page.getByTestId("drop-here").count()).toBe(0);
  });

  test("takes a pasted picture, from the page or from the system's clipboard", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    const paste = (withFile: boolean) =>
      composer(page).evaluate((field, brings) => {
        const clipboardData = new DataTransfer();
        if (brings) clipboardData.items.add(new File(["x"], "shot.png", { type: "image/png" }));
        field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
      }, withFile);

    await paste(true);
    await attached(page).filter({ hasText: "shot.png" }).waitFor();
    await page.evaluate(() => {
      if (window.desklineFake) window.desklineFake.clipboard = new Blob(["x"], { type: "image/png" });
    });
    await paste(false);

    await attached(page).filter({ hasText: "Pasted picture.png" }).waitFor();
    expect(await attached(page).count()).toBe(2);
  });
});

describe("a picture in a thread", () => {
  test("has its box before it is there, and opens in a viewer that saves it", async () => {
    const page = await desk({ open: "priya-raman" });
    const picture = page.getByTestId("picture");
    await picture.first().waitFor();
    expect(await picture.first().evaluate((box) => [box.style.width, box.style.height])).toEqual([
      "280px",
      "210px",
    ]);
    await page.locator("[data-testid=picture][data-phase=here]").first().waitFor();
    expect(await picture.first().evaluate((box) => [box.style.width, box.style.height])).toEqual([
      "280px",
      "210px",
    ]);

    await picture.first().getByRole("button").click();
    await page.getByTestId("picture-viewer").locator("img").waitFor();
    await page.getByTestId("picture-save").click();
    await page.getByTestId("saved").filter({ hasText: "Downloads" }).waitFor();
    await page.keyboard.press("Escape");

    await page.getByTestId("picture-viewer").waitFor({ state: "detached" });
  });

  test("that cannot be fetched says why, and comes by itself when the server is back", async () => {
    const page = await desk({ state: "offline", open: "priya-raman" });
    await page.getByTestId("message").last().waitFor();
    const failed = page.locator("[data-testid=picture][data-phase=failed]");
    await failed.filter({ hasText: "cannot be reached" }).waitFor();

    await failed.getByRole("button", { name: "Try again" }).click();
    await failed.filter({ hasText: "cannot be reached" }).waitFor();
    await setConnection(page, { state: "live" });

    await page.locator("[data-testid=picture][data-phase=here]").waitFor();
  });
});

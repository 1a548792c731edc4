// What an agent does with a conversation but for writing to it: with the mouse, with keys, offline, and taken back.

import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { opensDesks } from "./desk";
import { advance, bubble, composer, focused, openThread, receive, row, setElsewhere } from "./window";

const desk = opensDesks();

describe("a conversation", () => {
  test("is assigned, labelled, snoozed and closed with keys alone", async () => {
    const page = await desk({ open: "kwame-mensah" });
    await composer(page).waitFor();

    await page.keyboard.press("a");
    expect(await focused(page)).toBe("assign-me");
    await page.keyboard.press("Enter");
    await page.getByTestId("assign-menu").and(page.getByTitle("Assigned to You")).waitFor();
    expect(await focused(page)).toBe("assign-menu");

    await page.keyboard.press("l");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByTestId("label").filter({ hasText: "Urgent" }).waitFor();
    await page.keyboard.press("Escape");
    expect(await focused(page)).toBe("label-menu");

    await page.keyboard.press("s");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByTestId("badge").filter({ hasText: "Snoozed until tomorrow, 09:00" }).waitFor();

    await page.keyboard.press("e");
    await page.getByTestId("badge").waitFor({ state: "detached" });
    await page.keyboard.press("e");
    await page.getByTestId("badge").filter({ hasText: "Closed" }).waitFor();
    await page.getByTestId("filter-closed").click();
    await row(page, "Kwame Mensah").waitFor();
  });

  test("loses a label with a click on its cross", async () => {
    const page = await desk({ open: "marcus-bell" });
    await page.getByTestId("label").filter({ hasText: "Urgent" }).waitFor();

    await page.getByRole("button", { name: "Remove label Urgent" }).click();

    await page.getByTestId("label").filter({ hasText: "Urgent" }).waitFor({ state: "detached" });
    expect(await page.getByTestId("label").count()).toBe(1);
  });

  test("is marked unread by leaving it", async () => {
    const page = await desk({ open: "kwame-mensah" });
    await composer(page).waitFor();

    await page.keyboard.press("u");

    await page.getByText("No conversation selected").waitFor();
    await row(page, "Kwame Mensah").getByTestId("unread-pill").waitFor();
  });

  test("gets another name, and is blocked and unblocked after a question", async () => {
    const page = await desk({ open: "kwame-mensah" });
    await composer(page).waitFor();

    await page.getByTestId("more-menu").click();
    await page.getByTestId("rename").click();
    await page.getByTestId("rename-field").fill("Kwame of the wheel");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Kwame of the wheel" }).waitFor();
    await row(page, "Kwame of the wheel").waitFor();

    await page.getByTestId("more-menu").click();
    await page.getByTestId("block").click();
    await page.getByTestId("block-confirm").click();
    await page.getByTestId("badge").filter({ hasText: "Blocked" }).waitFor();
    await page.getByTestId("more-menu").click();
    await page.getByTestId("block").click();
    await page.getByTestId("badge").waitFor({ state: "detached" });
  });

  test("shows what the server refused as it was, and says why until it was read", async () => {
    const page = await desk({ open: "kwame-mensah" });
    await composer(page).waitFor();
    await page.evaluate(() => window.desklineFake?.refuseNext("This contact is no longer there."));

    await page.keyboard.press("e");
    await page.getByTestId("badge").filter({ hasText: "Closed" }).waitFor();
    await advance(page, 1_000);

    await page.getByTestId("badge").waitFor({ state: "detached" });
    const bar = page.getByTestId("taken-back-bar");
    expect(await bar.innerText()).toContain(
      "The new status for Kwame Mensah was taken back. This contact is no longer there.",
    );
    await bar.getByRole("button").click();
    await bar.waitFor({ state: "detached" });
  });
});

describe("a private note", () => {
  test("is written with keys alone, stands apart from the texts, and is rewritten and deleted", async () => {
    const page = await desk({ open: "kwame-mensah" });
    await composer(page).waitFor();
    const texts = await page.getByTestId("message").count();

    await page.keyboard.press("n");
    await page.getByTestId("note").waitFor();
    expect(await focused(page)).toBe("note");
    await page.keyboard.type("He prefers mornings");
    await page.keyboard.press("Enter");
    const note = page.getByTestId("note-item").filter({ hasText: "He prefers mornings" });
    await note.waitFor();
    expect(await note.innerText()).toContain("Note by You");
    expect(await page.getByTestId("message").count()).toBe(texts);

    await note.getByTestId("note-edit").click();
    await page.getByTestId("note-rewrite").fill("He prefers evenings");
    await page.getByTestId("note-rewrite-save").click();
    const rewritten = page.getByTestId("note-item").filter({ hasText: "He prefers evenings" });
    await rewritten.waitFor();
    expect(await rewritten.innerText()).toContain("edited");

    await rewritten.getByTestId("note-delete").click();
    await page.getByTestId("note-delete-confirm").click();
    await rewritten.waitFor({ state: "detached" });
  });

  test("can be written where no text can be sent, and the next reply is a text again", async () => {
    const page = await desk({ state: "optedout" });
    await page.getByTestId("composer-locked").waitFor();
    await page.getByTestId("note-mode").click();
    await page.getByTestId("note").fill("Send a letter.");
    await page.getByTestId("note-save").click();
    await page.getByTestId("note-item").filter({ hasText: "Send a letter." }).waitFor();

    await openThread(page, "Owen Fitzgerald");
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    await page.getByTestId("note").waitFor();
    await page.keyboard.press("Escape");
    expect(await focused(page), "Escape in an empty note is a way back to the reply").toBe("composer");
    await page.keyboard.type("This is a text");
    await page.keyboard.press("Enter");
    await bubble(page, "This is a text").waitFor();
  });

  test("says that it was kept and not sent, that the next one is a note too, and leads back to the reply", async () => {
    const page = await desk({ open: "kwame-mensah" });
    await composer(page).waitFor();
    const texts = await page.getByTestId("message").count();
    await page.getByTestId("note-mode").click();
    await page.getByTestId("note").fill("He prefers mornings");
    await page.getByTestId("note").press("Enter");
    await page.getByTestId("note-hint").filter({ hasText: "not sent. The next one is a note too" }).waitFor();

    await page.keyboard.type("and pays in cash");
    await page.getByTestId("note-hint").filter({ hasText: "Only your team reads this" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByTestId("note-item").filter({ hasText: "and pays in cash" }).waitFor();
    expect(await page.getByTestId("message").count(), "nothing was sent").toBe(texts);

    await page.getByRole("button", { name: "Reply to Kwame Mensah" }).click();
    expect(await focused(page)).toBe("composer");
  });

  test("that is half-written is gone on with after another conversation, and after another desktop", async () => {
    const page = await desk({ open: "kwame-mensah" });
    await composer(page).waitFor();
    const field = page.getByTestId("note");
    await page.getByTestId("note-mode").click();
    await field.fill("He prefers mor");

    await openThread(page, "Owen Fitzgerald");
    await composer(page).waitFor();
    expect(await field.count(), "it is Kwame's").toBe(0);
    await openThread(page, "Kwame Mensah");
    await field.waitFor();
    expect([await field.inputValue(), await focused(page)]).toEqual(["He prefers mor", "note"]);

    await setElsewhere(page, "kwame-mensah", { cancelOnReply: false, note: "He prefers mornings, except" });
    await expect.poll(() => field.inputValue()).toBe("He prefers mornings, except");
    await field.press("End");
    await page.keyboard.type(" Mondays");
    await page.keyboard.press("Enter");
    const kept = page.getByTestId("note-item").filter({ hasText: "He prefers mornings, except Mondays" });
    await kept.waitFor();
    await openThread(page, "Owen Fitzgerald");
    await openThread(page, "Kwame Mensah");
    await composer(page).waitFor();
    expect(await field.count(), "nothing is begun any more").toBe(0);
  });
});

describe("what became of a conversation", () => {
  const lines = (page: Page) => page.getByTestId("system-line");

  test("stands between its texts, in words, with what follows by itself", async () => {
    const page = await desk({ open: "kwame-mensah" });
    await lines(page).filter({ hasText: "You assigned this to nobody" }).waitFor();
    await composer(page).waitFor();

    await page.keyboard.press("a");
    await page.keyboard.press("Enter");
    await page.getByTestId("assign-menu").and(page.getByTitle("Assigned to You")).waitFor();
    await advance(page, 1_000);
    await lines(page).filter({ hasText: "You took this over" }).waitFor();
    await page.getByTestId("close-conversation").click();
    await page.getByTestId("badge").filter({ hasText: "Closed" }).waitFor();
    await advance(page, 1_000);
    await lines(page).filter({ hasText: "You closed this" }).waitFor();
    await advance(page, 1_000);
    await receive(page, "kwame-mensah", "One more thing");

    await lines(page).filter({ hasText: "Reopened by their text" }).waitFor();
    expect(await lines(page).evaluateAll((all) => all.map((one) => one.dataset.kind))).toEqual([
      "unassigned",
      "assigned",
      "closed",
      "reopened",
    ]);
  });

  test("says who opted out", async () => {
    const page = await desk({ state: "optedout" });

    await lines(page).filter({ hasText: "Rafael Ortiz opted this contact in" }).waitFor();
    const said = lines(page).filter({ hasText: "Opted out by text" });
    await said.waitFor();
    const stop = await bubble(page, "STOP").last().boundingBox();
    expect((await said.boundingBox())?.y ?? 0, "below the text that said so").toBeGreaterThan(
      stop?.y ?? Infinity,
    );
  });

  test("is left out while nobody can be asked, and the thread is the same", async () => {
    const page = await desk({ state: "offline", open: "maya-lindqvist" });
    await page.getByTestId("message").last().waitFor();

    expect(await lines(page).count()).toBe(0);
    expect(await page.getByRole("alert").count()).toBe(0);
  });
});

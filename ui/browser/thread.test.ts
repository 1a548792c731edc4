// Reading: a text that comes in, and the thread it stands in.

import { describe, expect, test } from "vitest";
import { opensDesks } from "./desk";
import { bubble, openThread, receive, row, untilAtNewest } from "./window";

const desk = opensDesks();

describe("a text that comes in", () => {
  test("shows as row, pill, title and announcement, and opening it clears them", async () => {
    const page = await desk();
    await receive(page, "kwame-mensah", "Is the wheel true again?");

    const kwame = row(page, "Kwame Mensah");
    await page
      .locator("[data-testid=conversation]")
      .first()
      .filter({ hasText: "Is the wheel true again?" })
      .waitFor();
    expect(await kwame.getByTestId("unread-pill").textContent()).toContain("1");
    expect(await kwame.getAttribute("data-unread")).toBe("1");
    expect(await page.title()).toBe("(9) Deskline");
    await page.locator("[aria-live=polite]").filter({ hasText: "New text from Kwame Mensah" }).waitFor();

    await openThread(page, "Kwame Mensah");
    await kwame.getByTestId("unread-pill").waitFor({ state: "detached" });
    expect(await page.title()).toBe("(8) Deskline");
  });

  test("stays in sight when the newest is in sight, and is counted when it is not", async () => {
    const page = await desk({ state: "history" });
    await page.getByTestId("message").last().waitFor();
    await untilAtNewest(page, true);

    await receive(page, "sam-carter", "First");
    await bubble(page, "First").waitFor();
    await untilAtNewest(page, true);
    expect(await page.getByTestId("jump-to-newest").count()).toBe(0);

    await page.getByTestId("thread").hover();
    await page.mouse.wheel(0, -3_000);
    await page.getByTestId("jump-to-newest").waitFor();
    await receive(page, "sam-carter", "Second");
    await receive(page, "sam-carter", "Third");
    await page.getByTitle("2 new texts").click();
    await untilAtNewest(page, true);
    await bubble(page, "Third").waitFor();
  });

  test("takes no click away from what is pressed while it scrolls the thread", async () => {
    const page = await desk({ state: "history" });
    await page.getByTestId("message").last().waitFor();
    await untilAtNewest(page, true);

    const taken = await page.getByTestId("thread").evaluate(async (box) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      box.scrollTop -= 300;
      await frame();
      await frame();
      const text = [...box.querySelectorAll("[data-testid=message] p")].find(
        (one) => one.getBoundingClientRect().top > box.getBoundingClientRect().top,
      );
      const { left, top } = text?.getBoundingClientRect() ?? { left: 0, top: 0 };
      return document.elementFromPoint(left + 4, top + 4)?.closest("[data-testid=message]") !== null;
    });

    expect(taken).toBe(true);
  });

  test("is never markup", async () => {
    const page = await desk({ open: "sam-carter", history: "5" });
    const text = '<img src=x onerror="document.title=1"><script>document.title=2</script><b>bold</b>';

    await receive(page, "sam-carter", text);

    await bubble(page, "<b>bold</b>").waitFor();
    expect(await page.locator("[data-testid=message] :is(img, script, b)").count()).toBe(0);
    expect(await page.title()).toMatch(/Deskline$/);
  });

  test("reads in its own direction", async () => {
    const page = await desk({ state: "rtl" });

    const text = page.getByTestId("message").filter({ hasText: "مرحبا" }).locator("p");

    expect(await text.evaluate((element) => getComputedStyle(element).direction)).toBe("rtl");
  });

  test("of forty lines opens at its beginning when it is unread", async () => {
    const page = await desk({ state: "long" });

    await page.waitForFunction(() => {
      const line = document.querySelector("[data-separator=unread]")?.getBoundingClientRect();
      const box = document.querySelector("[data-testid=thread]")?.getBoundingClientRect();
      return line !== undefined && box !== undefined && line.top >= box.top - 1 && line.top < box.top + 120;
    });
    await page.getByTestId("jump-to-newest").waitFor();
  });
});

describe("the thread", () => {
  test("loads older texts above without moving what is read", async () => {
    const page = await desk({ state: "history" });
    await page.getByTestId("message").last().waitFor();
    await untilAtNewest(page, true);
    await page.getByTestId("thread").hover();

    for (let i = 0; i < 12; i++) {
      // One step up, in a frame of its own, and the same text twice: before and after the older page came.
      const before = await page.evaluate(
        () =>
          new Promise<{ id: string; top: number; height: number }>((resolve) => {
            const box = document.querySelector<HTMLElement>("[data-testid=thread]");
            if (!box) throw new Error("there is no thread");
            box.scrollTop -= 250;
            requestAnimationFrame(() =>
              requestAnimationFrame(() => {
                const middle = box.getBoundingClientRect().top + box.clientHeight / 2;
                const read = [...box.querySelectorAll<HTMLElement>("[data-testid=message]")].find(
                  (message) => message.getBoundingClientRect().bottom > middle,
                );
                if (!read) throw new Error("nothing is in sight");
                resolve({
                  id: read.dataset.messageId ?? "",
                  top: read.getBoundingClientRect().top,
                  height: box.scrollHeight,
                });
              }),
            );
          }),
      );
      const after = await page.evaluate(
        (id) =>
          new Promise<number>((resolve) => {
            requestAnimationFrame(() =>
              requestAnimationFrame(() => {
                const read = document.querySelector(`[data-message-id="${id}"]`);
                resolve(read?.getBoundingClientRect().top ?? Number.NaN);
              }),
            );
          }),
        before.id,
      );
      expect(Math.abs(after - before.top), `step ${i}: what was read moved`).toBeLessThanOrEqual(2);
    }
    expect(await page.getByTestId("thread").evaluate((box) => box.scrollHeight)).toBeGreaterThan(6_000);
  });

  test("of twenty thousand texts keeps a handful of bubbles in the page", async () => {
    const page = await desk({ state: "history" });
    await page.getByTestId("message").last().waitFor();

    for (let i = 0; i < 20; i++)
      await page.getByTestId("thread").evaluate(
        (box) =>
          new Promise<void>((resolve) => {
            box.scrollTop = 0;
            requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
          }),
      );

    expect(await page.getByTestId("message").count()).toBeLessThan(120);
    expect(await page.getByTestId("thread").evaluate((box) => box.scrollHeight)).toBeGreaterThan(20_000);
  });

  test("that is short says where it begins", async () => {
    const page = await desk({ open: "marcus-bell" });

    await page.getByText("This is where the conversation begins.").waitFor();
  });

  test("names its days and where the unread texts begin", async () => {
    const page = await desk({ open: "maya-lindqvist" });

    await page.locator("[data-separator=day]").filter({ hasText: "Today" }).waitFor();
    await page.locator("[data-separator=unread]").waitFor();
  });
});

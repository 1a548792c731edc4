// What an agent does, in the built window on the fake engine. Nothing waits for time: the fake's clock is moved by hand.

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launch, open, SMALL, type Opened, type Parameters, type Size } from "./chromium";
import {
  advance,
  bubble,
  composer,
  focused,
  openThread,
  receive,
  row,
  setConnection,
  untilAtNewest,
  write,
} from "./window";

let browser: Browser;
let opened: Opened[] = [];
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(async () => {
  const problems = opened.flatMap((one) => one.problems);
  await Promise.all(opened.map((one) => one.context.close()));
  opened = [];
  expect(problems, "the page logged an error, threw, or asked for something from elsewhere").toEqual([]);
});

async function desk(parameters: Parameters = {}, size?: Size): Promise<Page> {
  const one = await open(browser, parameters, size);
  opened.push(one);
  return one.page;
}

const state = (page: Page, text: string, wanted: string) =>
  page.locator(`[data-testid=message][data-state=${wanted}]`).filter({ hasText: text }).waitFor();

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

  test("asks for what is missing, at its place", async () => {
    const page = await desk({ state: "signin" });

    await page.getByTestId("signin-submit").click();

    await page.getByText("Write the address of your team’s server.").waitFor();
    await page.getByText("Write your password.").waitFor();
    expect(await focused(page)).toBe("signin-server");
  });

  test.each([
    ["https://desk.example", "wrong", "badCredentials", "The e-mail address or the password is wrong."],
    ["https://unreachable.example", "x", "unreachable", "cannot be reached"],
    ["https://not-a-server.example", "x", "notAServer", "There is no Deskline server"],
    ["https://old.example", "x", "incompatible", "Ask whoever runs the server to update it."],
  ])("%s with %s says %s in plain words", async (server, password, code, sentence) => {
    const page = await desk({ state: "signin" });

    await signIn(page, server, password);

    const error = page.getByTestId("signin-error");
    await error.waitFor();
    expect(await error.getAttribute("data-code")).toBe(code);
    expect(await error.textContent()).toContain(sentence);
    expect(await page.getByTestId("signin-email").inputValue()).toBe("nora@northside-bikes.example");
  });
});

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
    await page.getByText("2 new texts").click();
    await untilAtNewest(page, true);
    await bubble(page, "Third").waitFor();
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

describe("a reply", () => {
  test("shows at once and goes to delivered", async () => {
    const page = await desk();
    await openThread(page, "Owen Fitzgerald");

    await write(page, "Come in at 10.");
    await state(page, "Come in at 10.", "waiting");
    expect(await composer(page).inputValue()).toBe("");
    expect(await focused(page)).toBe("composer");

    for (const [ms, wanted] of [
      [150, "onServer"],
      [350, "accepted"],
      [500, "sent"],
      [900, "delivered"],
    ] as const) {
      await advance(page, ms);
      await state(page, "Come in at 10.", wanted);
    }
    const delivery = bubble(page, "Come in at 10.").getByTestId("delivery");
    expect(await delivery.getAttribute("aria-label")).toBe("Delivered");
    await row(page, "Owen Fitzgerald")
      .filter({ hasText: "You:" })
      .filter({ hasText: "Come in at 10." })
      .waitFor();
  });

  test("breaks the line with Shift, and grows to eight lines and no further", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    const height = async () => (await composer(page).boundingBox())?.height ?? 0;
    await composer(page).waitFor();
    const one = await height();

    await composer(page).click();
    for (let i = 0; i < 7; i++) await page.keyboard.press("Shift+Enter");
    const eight = await height();
    for (let i = 0; i < 12; i++) await page.keyboard.press("Shift+Enter");

    expect(await composer(page).inputValue()).toBe("\n".repeat(19));
    expect(Math.round(eight - one)).toBe(7 * 20);
    expect(Math.abs((await height()) - eight)).toBeLessThanOrEqual(8);
    await untilAtNewest(page, true);
  });

  test("is not sent by the Enter that ends a composition", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).fill("かな");

    for (const init of [
      { key: "Enter", isComposing: true, bubbles: true, cancelable: true },
      { key: "Enter", keyCode: 229, bubbles: true, cancelable: true },
    ])
      await composer(page).evaluate(
        (field, event) => field.dispatchEvent(new KeyboardEvent("keydown", event)),
        init,
      );

    expect(await composer(page).inputValue()).toBe("かな");
  });

  test("tells what it costs, and makes it cheaper with one click", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    const strip = page.getByTestId("segments");

    await composer(page).fill("It’s ready");
    await strip.filter({ hasText: "1 segment · UCS-2 · 60 left" }).waitFor();
    await strip.filter({ hasText: "’ makes this text dearer" }).waitFor();

    await page.getByTestId("use-plain").click();
    await strip.filter({ hasText: "1 segment · GSM-7 · 150 left" }).waitFor();
    expect(await composer(page).inputValue()).toBe("It's ready");
  });

  test("over the limit is not sent, and says so", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).fill("x".repeat(1_601));

    await page.getByText("1,601 of 1,600 characters").waitFor();
    expect(await page.getByTestId("send").isDisabled()).toBe(true);
    await composer(page).press("Enter");
    expect((await composer(page).inputValue()).length).toBe(1_601);
  });

  test("that fails says why and can be retried", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await write(page, "please fail");
    await advance(page, 5_000);
    await state(page, "please fail", "failed");
    await page.getByText("The phone could not be reached.").waitFor();
    await row(page, "Owen Fitzgerald").getByTitle("A text did not arrive").waitFor();

    await bubble(page, "please fail").getByTestId("retry").click();

    await state(page, "please fail", "waiting");
  });

  test("that is parked can be discarded", async () => {
    const page = await desk({ state: "parked" });
    const parked = bubble(page, "Lovely bike.");
    await parked.waitFor();

    await parked.getByTestId("discard").click();

    await parked.waitFor({ state: "detached" });
  });

  test("of unknown fate is looked up, and found", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await write(page, "please lose");
    await advance(page, 600);
    await state(page, "please lose", "unknown");

    await advance(page, 5_000);

    await state(page, "please lose", "delivered");
  });

  test.each([
    ["optedout", "They can opt in again by texting START."],
    ["word", "It has a name, but no number that a text could go to."],
  ])("cannot be written: %s", async (wanted, sentence) => {
    const page = await desk({ state: wanted });

    await page.getByTestId("composer-locked").filter({ hasText: sentence }).waitFor();
    expect(await composer(page).count()).toBe(0);
  });

  test("that was begun is there again after another conversation, and never in it", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).fill("for Owen");

    await openThread(page, "Maya Lindqvist");
    expect(await composer(page).inputValue()).toBe("");
    await row(page, "Owen Fitzgerald")
      .filter({ hasText: "Draft:" })
      .filter({ hasText: "for Owen" })
      .waitFor();

    await openThread(page, "Owen Fitzgerald");
    expect(await composer(page).inputValue()).toBe("for Owen");
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

describe("the list", () => {
  test("of ten thousand conversations keeps a handful of rows in the page", async () => {
    const page = await desk({ contacts: "10000" });
    await page.getByTestId("conversation").first().waitFor();
    const list = page.getByTestId("conversation-list");

    for (let i = 0; i < 10; i++)
      await list.evaluate(
        (box) =>
          new Promise<void>((resolve) => {
            box.scrollTop = box.scrollHeight;
            requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
          }),
      );

    expect(await page.getByTestId("conversation").count()).toBeLessThan(60);
    expect(await list.evaluate((box) => box.scrollHeight)).toBeGreaterThan(500 * 68);
  });

  test("keeps the selected row in sight when others move above it", async () => {
    const page = await desk({ open: "owen-fitzgerald" }, SMALL);
    await composer(page).waitFor();
    const inSight = () =>
      page.waitForFunction(() => {
        const selected = document.querySelector("[role=option][aria-selected=true]")?.getBoundingClientRect();
        const box = document.querySelector("[data-testid=conversation-list]")?.getBoundingClientRect();
        return selected && box && selected.top >= box.top - 1 && selected.bottom <= box.bottom + 1;
      });
    await inSight();

    for (const slug of ["kwame-mensah", "ines-moreau", "diego-santos"]) await receive(page, slug, "Hello");

    await page.locator("[data-testid=conversation]").first().waitFor();
    await inSight();
  });

  test("says who wrote the newest text", async () => {
    const page = await desk({}, { width: 1200, height: 1600 });
    const newest = (name: string) => row(page, name).locator("p").innerText();

    expect(await newest("Owen Fitzgerald")).toMatch(/^You:\s+Glad you came in\./);
    expect(await newest("Kwame Mensah")).toMatch(/^Teammate:\s+See you in a bit\./);
    expect(await newest("Priya Raman")).toMatch(/^You:\s+See you on Friday\./);
    expect(await newest("Greta Lindholm")).toMatch(/^Here is the whole list/);
  });

  test("shows what its views ask for", async () => {
    const page = await desk();

    await page.getByTestId("filter-closed").click();
    await row(page, "Sofia Rossi").waitFor();
    expect(await row(page, "Maya Lindqvist").count()).toBe(0);

    await page.getByTestId("filter-unread").click();
    await row(page, "Maya Lindqvist").waitFor();
    expect(await page.getByTestId("conversation").count()).toBe(5);
  });
});

describe("with the keyboard alone", () => {
  test("an agent reads, replies and goes back", async () => {
    const page = await desk();
    await page.getByTestId("conversation").first().waitFor();

    await page.keyboard.press("j");
    expect(await focused(page)).toBe("conversation-list");
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Marcus Bell" }).waitFor();

    await composer(page).waitFor();
    await page.keyboard.press("r");
    expect(await focused(page)).toBe("composer");
    expect(await composer(page).inputValue()).toBe("");
    await page.keyboard.type("jkr? all of it is text");
    await page.keyboard.press("Enter");
    await bubble(page, "jkr? all of it is text").waitFor();

    await page.keyboard.press("Escape");
    expect(await focused(page)).toBe("conversation-list");
    await page.keyboard.press("Escape");
    await page.getByText("No conversation selected").waitFor();
  });

  test("the sheet shows every key, and closes", async () => {
    const page = await desk();
    await page.getByTestId("conversation").first().waitFor();

    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("j");
    expect(await focused(page)).not.toBe("conversation-list");
    await page.keyboard.press("Escape");

    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  test("the menu opens, moves and closes", async () => {
    const page = await desk();
    await page.getByTestId("agent-menu").focus();

    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    expect(await focused(page)).toBe("theme-system");
    await page.keyboard.press("ArrowUp");
    expect(await focused(page)).toBe("sign-out");
    await page.keyboard.press("Escape");

    await page.getByRole("menu").waitFor({ state: "detached" });
    expect(await focused(page)).toBe("agent-menu");
  });

  test("Tab reaches the views, the list, the thread and the composer", async () => {
    const page = await desk({ open: "maya-lindqvist" });
    await composer(page).waitFor();
    const reached = new Set<string>();

    for (let i = 0; i < 14; i++) {
      await page.keyboard.press("Tab");
      reached.add(await focused(page));
    }

    for (const wanted of ["filter-open", "agent-menu", "conversation-list", "thread", "composer"])
      expect([...reached]).toContain(wanted);
  });
});

describe("the connection", () => {
  test("that breaks is told with since when and how many wait, and heals", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await setConnection(page, {
      state: "offline",
      since: "2026-11-21T15:20:00Z",
      reason: "The server does not answer.",
      waiting: 0,
    });
    const bar = page.getByTestId("offline-bar");
    await bar.filter({ hasText: "Offline since 15:20." }).waitFor();

    await write(page, "Later then");
    await bar.filter({ hasText: "1 text waits to be sent." }).waitFor();
    await state(page, "Later then", "waiting");

    await setConnection(page, { state: "connecting" });
    await bar.filter({ hasText: "Reconnecting…" }).waitFor();
    await setConnection(page, { state: "live" });
    await bar.waitFor({ state: "detached" });
    await advance(page, 5_000);
    await state(page, "Later then", "delivered");
    expect(await page.getByTestId("connection").getAttribute("data-state")).toBe("live");
  });

  test("first sync shows how far it is, and everything can be used", async () => {
    const page = await desk({ state: "syncing" });
    await page.getByRole("progressbar").waitFor();
    expect(await page.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("41");

    await openThread(page, "Maya Lindqvist");
    await advance(page, 60_000);

    await page.getByRole("progressbar").waitFor({ state: "detached" });
  });

  test("a session that ended is taken up again over the open inbox", async () => {
    const page = await desk({ state: "expired", open: "owen-fitzgerald" });
    await composer(page).fill("half a tex");

    await page.getByTestId("expired-bar").getByRole("button", { name: "Sign in again" }).click();
    expect(await focused(page)).toBe("signin-password");
    await page.keyboard.type("right");
    await page.keyboard.press("Enter");
    await advance(page, 1_000);

    await page.getByTestId("expired-bar").waitFor({ state: "detached" });
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await composer(page).inputValue()).toBe("half a tex");
  });

  test("a server of another version says who must update", async () => {
    const page = await desk({ state: "incompatible" });

    await page
      .getByTestId("incompatible-bar")
      .filter({ hasText: "the server wants a newer one. Update Deskline." })
      .waitFor();
  });

  test("no keychain is told until it is read", async () => {
    const page = await desk({ state: "memoryonly" });

    await page.getByTestId("memory-bar").getByRole("button").click();

    await page.getByTestId("memory-bar").waitFor({ state: "detached" });
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
    await page.getByRole("dialog").filter({ hasText: "2 texts wait on this machine." }).waitFor();
    await page.getByTestId("sign-out-confirm").click();

    await page.getByTestId("signin-password").waitFor();
  });
});

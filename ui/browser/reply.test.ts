// Writing: from the composer to the handset, and what can go wrong on the way.

import { describe, expect, test } from "vitest";
import { SMALL } from "./chromium";
import { opensDesks } from "./desk";
import { advance, bubble, composer, focused, openThread, row, state, untilAtNewest, write } from "./window";

const desk = opensDesks();

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
    await strip.filter({ hasText: "’ costs more" }).waitFor();

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

  test("that is retried is on its way, whatever its age: what else could be done is not offered at once", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await write(page, "please fail");
    await advance(page, 60_000);
    await state(page, "please fail", "failed");
    const seen = await page.evaluate(async () => {
      const kinds = new Set<string>();
      const note = () => {
        for (const id of ["edit", "discard", "call-off"])
          if (
            document.querySelector(
              `[data-state=waiting] [data-testid=${id}], [data-state=onServer] [data-testid=${id}]`,
            )
          )
            kinds.add(id);
      };
      const observer = new MutationObserver(note);
      observer.observe(document.body, { subtree: true, childList: true, attributes: true });
      document.querySelector<HTMLButtonElement>("[data-testid=retry]")?.click();
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      window.desklineFake?.advance(200);
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      observer.disconnect();
      return [...kinds];
    });

    expect(seen).toEqual([]);
    await state(page, "please fail", "onServer");
  });

  test("of several lines has the whole width of a small window", async () => {
    const page = await desk({ open: "owen-fitzgerald" }, SMALL);
    const width = async () => (await composer(page).boundingBox())?.width ?? 0;
    const whole = (await page.getByTestId("thread").boundingBox())?.width ?? 0;
    await composer(page).fill("Short");
    const beside = await width();

    await composer(page).fill(
      "The pads are in, and so is the new cable. Come by whenever you like, we are here until six.",
    );

    expect(await width()).toBeGreaterThan(beside + 100);
    expect(await width()).toBeGreaterThan(whole - 64);
    expect(await focused(page)).toBe("composer");
  });

  test("that is retried by key leaves the focus with the text, and one that is discarded in the thread", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await write(page, "please fail");
    await advance(page, 5_000);
    await state(page, "please fail", "failed");

    await bubble(page, "please fail").getByTestId("retry").press("Enter");

    await state(page, "please fail", "waiting");
    expect(await focused(page)).toBe("delivery");
    await page.getByTestId("ledger").waitFor();

    await page.getByTestId("filter-open").click();
    await openThread(page, "Hannah Osei");
    await page.getByTestId("discard").first().press("Enter");
    expect(await focused(page)).toBe("thread");
  });

  test("that is parked can be discarded", async () => {
    const page = await desk({ state: "parked" });
    const parked = bubble(page, "Lovely bike.");
    await parked.waitFor();

    await parked.getByTestId("discard").click();

    await parked.waitFor({ state: "detached" });
  });

  test("that may not fit any more asks, and leaves when the agent says so", async () => {
    const page = await desk({ state: "held" });
    const held = bubble(page, "Then let us say tomorrow morning.");
    await held.filter({ hasText: "Does this still fit?" }).filter({ hasText: "had not seen" }).waitFor();
    await row(page, "Maya Lindqvist").getByTitle("A text did not arrive").waitFor();

    await held.getByRole("button", { name: "Send anyway" }).focus();
    await page.keyboard.press("Enter");
    await state(page, "Then let us say tomorrow morning.", "waiting");
    await advance(page, 5_000);

    await state(page, "Then let us say tomorrow morning.", "delivered");
  });

  test("that may not fit any more is written anew, above what was begun", async () => {
    const page = await desk({ state: "held" });
    await composer(page).fill("Or on Monday?");

    await bubble(page, "Then let us say tomorrow morning.").getByTestId("edit").click();

    await bubble(page, "Then let us say tomorrow morning.").waitFor({ state: "detached" });
    await page.waitForFunction(() => document.activeElement?.matches("[data-testid=composer]"));
    expect(await composer(page).inputValue()).toBe("Then let us say tomorrow morning.\nOr on Monday?");
  });

  test("that may not fit any more is discarded", async () => {
    const page = await desk({ state: "held" });
    const held = bubble(page, "Then let us say tomorrow morning.");

    await held.getByTestId("discard").click();

    await held.waitFor({ state: "detached" });
  });

  test("that waits is called off before it left", async () => {
    const page = await desk({ state: "offline", open: "maya-lindqvist" });
    await page.getByTestId("offline-bar").filter({ hasText: "2 texts wait" }).waitFor();

    await bubble(page, "The side door is open").getByTestId("discard").click();

    await bubble(page, "The side door is open").waitFor({ state: "detached" });
    await page.getByTestId("offline-bar").filter({ hasText: "1 text waits" }).waitFor();
    await bubble(page, "we will wait for you").getByTestId("edit").click();
    await page.waitForFunction(() => document.activeElement?.matches("[data-testid=composer]"));
    expect(await composer(page).inputValue()).toBe("No problem at all, we will wait for you.");
  });

  test("comes back into the composer although a note is being written", async () => {
    const page = await desk({ state: "held" });
    await page.getByTestId("note-mode").click();
    await page.getByTestId("note").fill("She will call back.");

    await bubble(page, "Then let us say tomorrow morning.").getByTestId("edit").click();

    await page.waitForFunction(() => document.activeElement?.matches("[data-testid=composer]"));
    expect(await composer(page).inputValue()).toBe("Then let us say tomorrow morning.");
    await page.getByTestId("note-mode").click();
    expect(await page.getByTestId("note").inputValue()).toBe("She will call back.");
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

// Colleagues at the same conversation: seen while they look and write, and told of before a text is sent.

import { describe, expect, test } from "vitest";
import { KIM, RAFA } from "@/backend/fake/team";
import { opensDesks } from "./desk";
import {
  advance,
  answerAs,
  bubble,
  colleague,
  composer,
  focused,
  openThread,
  receive,
  row,
  state,
  write,
} from "./window";

const desk = opensDesks();

describe("a colleague", () => {
  test("who looks is seen in the header and in the list, and who writes under the composer", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).waitFor();
    const height = async () => (await page.getByTestId("thread").boundingBox())?.height;
    const before = await height();

    await colleague(page, KIM, "owen-fitzgerald", "viewing");
    await page.getByTestId("busy-here").getByTitle("Kim Andersen is looking at this").waitFor();
    await row(page, "Owen Fitzgerald").getByTitle("Kim Andersen is looking at this").waitFor();
    await colleague(page, KIM, "owen-fitzgerald", "typing");
    await page.getByTestId("writer").filter({ hasText: "Kim Andersen is writing" }).waitFor();
    expect(await height(), "nothing moves").toBe(before);

    await advance(page, 6_000);
    await page.getByTestId("busy-here").getByTitle("Kim Andersen is looking at this").waitFor();
    await colleague(page, KIM, "owen-fitzgerald", "gone");
    await page.getByTestId("busy-here").getByTestId("busy").waitFor({ state: "detached" });
  });

  test("who writes is told of before sending; the draft is kept, or sent anyway", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await composer(page).waitFor();
    await colleague(page, KIM, "owen-fitzgerald", "typing");

    await write(page, "Come in at 10.");
    await page.getByTestId("claim").filter({ hasText: "Kim Andersen is writing to this contact" }).waitFor();
    expect(await bubble(page, "Come in at 10.").count()).toBe(0);
    await page.getByTestId("claim-keep").click();
    await page.getByTestId("claim").waitFor({ state: "detached" });
    expect([await composer(page).inputValue(), await focused(page)]).toEqual(["Come in at 10.", "composer"]);

    await composer(page).press("Enter");
    await page.getByTestId("claim-send").click();
    await state(page, "Come in at 10.", "waiting");
    expect(await composer(page).inputValue()).toBe("");
  });

  test("who answered since the agent began to write is told of, with the answer", async () => {
    const page = await desk();
    await openThread(page, "Owen Fitzgerald");
    await composer(page).fill("Come in");
    await advance(page, 1_000);
    await answerAs(page, RAFA, "owen-fitzgerald", "At ten is fine.");
    await advance(page, 20_000);
    await bubble(page, "At ten is fine.").waitFor();

    await composer(page).press("Enter");

    await page
      .getByTestId("claim")
      .filter({ hasText: "Rafael Ortiz answered 20 seconds ago:" })
      .filter({ hasText: "At ten is fine." })
      .waitFor();
  });

  test("is at work or away where somebody is assigned", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await page.getByTestId("assign-menu").click();

    await page
      .getByTestId("assign-to")
      .filter({ hasText: "Kim Andersen" })
      .filter({ hasText: "at work" })
      .waitFor();
    await page
      .getByTestId("assign-to")
      .filter({ hasText: "Rafael Ortiz" })
      .filter({ hasText: "away" })
      .waitFor();
  });
});

describe("the agent", () => {
  test("can be away, and back", async () => {
    const page = await desk();
    await page.getByTestId("agent-menu").click();
    const away = page.getByTestId("away");

    await away.click();
    await page.locator("[data-testid=away][aria-checked=true]").waitFor();
    await away.click();
    await page.locator("[data-testid=away][aria-checked=false]").waitFor();
  });

  test("says when to be asked before a text leaves late", async () => {
    const page = await desk();
    const open = async () => {
      await page.getByTestId("agent-menu").click();
      await page.getByTestId("open-settings").click();
      await page.getByTestId("settings-sending").click();
      await page.getByTestId("hold-minutes").waitFor();
    };
    await open();
    expect(await page.getByTestId("hold-minutes").inputValue()).toBe("240");

    await page.getByTestId("hold-colleague").uncheck();
    await page.getByTestId("hold-minutes").selectOption("60");
    await page.keyboard.press("Escape");

    await open();
    expect(await page.getByTestId("hold-contact").isChecked()).toBe(true);
    expect(await page.getByTestId("hold-colleague").isChecked()).toBe(false);
    expect(await page.getByTestId("hold-minutes").inputValue()).toBe("60");
    await page.getByTestId("hold-older").uncheck();
    expect(await page.getByTestId("hold-minutes").isDisabled()).toBe(true);
  });

  test("is asked before signing out when something that they did is on this machine alone", async () => {
    const page = await desk();
    await page.evaluate(() => window.desklineFake?.setUntold(2));
    await page.getByTestId("agent-menu").click();

    await page.getByTestId("sign-out").click();

    await page
      .getByText("2 other things that you did wait on this machine, and are lost when you sign out.")
      .waitFor();
    await page.getByTestId("sign-out-confirm").click();
    await page.getByTestId("signin-server").waitFor();
  });
});

describe("a text on the server", () => {
  test("that waits there is called off", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await write(page, "please keep this");
    await advance(page, 6_000);
    await receive(page, "maya-lindqvist", "Thanks!");

    await bubble(page, "please keep this").getByTestId("call-off").click();

    await state(page, "please keep this", "canceled");
    await advance(page, 120_000);
    await state(page, "please keep this", "canceled");
  });

  test("that cannot be called off any more says so", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await write(page, "please keep this");
    await advance(page, 6_000);
    await receive(page, "maya-lindqvist", "Thanks!");
    const callOff = bubble(page, "please keep this").getByTestId("call-off");
    await callOff.waitFor();
    await page.evaluate(() => {
      const refusal = Object.assign(new Error("It is leaving at this moment."), { code: "alreadySent" });
      if (window.desklineFake) window.desklineFake.callOff = () => Promise.reject(refusal);
    });

    await callOff.click();

    await bubble(page, "please keep this").getByRole("alert").filter({ hasText: "leaving" }).waitFor();
  });

  test("that failed is begun anew, and stays in the thread", async () => {
    const page = await desk({ open: "owen-fitzgerald" });
    await write(page, "please fail");
    await advance(page, 5_000);
    await state(page, "please fail", "failed");

    await bubble(page, "please fail").getByTestId("edit").click();

    await page.waitForFunction(() => document.activeElement?.matches("[data-testid=composer]"));
    expect(await composer(page).inputValue()).toBe("please fail");
    await state(page, "please fail", "failed");
  });
});

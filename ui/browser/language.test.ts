// The second language: the window speaks it throughout, and keeps it.

import { expect, test } from "vitest";
import { opensDesks } from "./desk";
import { bubble, composer, write } from "./window";

const desk = opensDesks();

test("an agent who reads German reads nothing else of ours", async () => {
  const page = await desk({ lang: "de", open: "owen-fitzgerald" });
  await page.getByTestId("filter-mine").filter({ hasText: "Meine" }).waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("de");
  await composer(page).waitFor();
  expect(await composer(page).getAttribute("placeholder")).toBe("Nachricht schreiben");

  await write(page, "Guten Tag");

  await bubble(page, "Guten Tag").getByText("Wartet hier").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("Nächste Unterhaltung").waitFor();
});

test("also what the engine says, such as why a text failed", async () => {
  const page = await desk({ lang: "de", state: "failed" });

  await page.getByText("Das Netz hielt diese Nachricht für Werbung und hielt sie auf.").waitFor();
});

test("and how it stands to the server", async () => {
  const page = await desk({ lang: "de", state: "offline" });

  await page
    .getByTestId("offline-bar")
    .filter({ hasText: "unter dieser Adresse antwortet nichts" })
    .waitFor();
});

// What can be read by everybody: axe, in both themes.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import type axe from "axe-core";
import { showIn } from "./chromium";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What a theme changes is colours (styles/tokens.css), so these rules are the ones that can differ between the themes. */
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

/** A line for each violation: the theme, the rule and the elements. The page must follow the system's theme; it is left in the dark one. Rules of `except` do
 * not count. */
export async function violations(page: Page, except: readonly string[] = []): Promise<string[]> {
  await page.evaluate(source);
  await showIn(page, "light");
  const light = await run(page, except);
  await showIn(page, "dark");
  const dark = await run(page, except, OF_COLOURS);
  return [...light.map((one) => `light: ${one}`), ...dark.map((one) => `dark: ${one}`)];
}

/** Only what is wrong comes over: to name every element that is right takes axe three times as long as to look at it. */
const run = (page: Page, except: readonly string[], rules?: readonly string[]) =>
  page.evaluate(
    async ([not, only]) => {
      const { violations } = await (window as unknown as { axe: typeof axe }).axe.run({
        resultTypes: ["violations"],
        ...(only && { runOnly: { type: "rule", values: [...only] } }),
      });
      return violations
        .filter(({ id }) => !not.includes(id))
        .map(
          ({ id, nodes }) =>
            `${id}: ${nodes.map((node) => `${node.target.join(" ")} (${node.failureSummary ?? ""})`).join("; ")}`,
        );
    },
    [except, rules] as const,
  );

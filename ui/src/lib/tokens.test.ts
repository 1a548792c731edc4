// Every colour and size stands in styles/tokens.css: nothing else names one.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../", import.meta.url);

/** A colour, or a size that is on no scale. */
const named = [
  /#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b/iu,
  /\b(?:rgba?|hsla?|oklch|oklab)\(/u,
  /-\[[^\]]*\d(?:px|rem|em|vh|vw)\]/u,
];

/** Where figures are no looks: made-up data, words, colours that people choose for labels, and tests. */
const exempt =
  /^(?:backend\/fake|bindings|gallery|lib\/words)\/|\.test\.ts$|tokens\.css$|LabelsSection\.svelte$/u;

const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.(?:svelte|ts|css)$/u.test(path) && !exempt.test(path));

test("no other file names a colour, or a size that is on no scale", () => {
  const found = files.flatMap((path) =>
    readFileSync(new URL(path, root), "utf8")
      .split("\n")
      .filter((line) => named.some((one) => one.test(line)))
      .map((line) => `${path}: ${line.trim()}`),
  );

  expect(files.length).toBeGreaterThan(150);
  expect(found, "give it a name in styles/tokens.css").toEqual([]);
});

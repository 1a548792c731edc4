import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { find, groups, sorted } from "./emojis";

const read = (language: string) =>
  sorted(
    JSON.parse(
      readFileSync(createRequire(import.meta.url).resolve(`emojibase-data/${language}/compact.json`), "utf8"),
    ) as Parameters<typeof sorted>[0],
  );

test("every group has some, and nothing that is only a piece is among them", () => {
  const all = read("en");

  for (const group of groups) expect(all.some((one) => one.group === group)).toBe(true);
  expect(all.some(({ name }) => name.startsWith("regional indicator"))).toBe(false);
  expect(all[0]?.text).toBe("😀");
});

test("they are found by name and by tag, in both languages", () => {
  expect(find(read("en"), "bicycle", 40).map(({ text }) => text)).toContain("🚲️");
  expect(find(read("de"), "fahrrad", 40).map(({ text }) => text)).toContain("🚲️");
  expect(find(read("en"), "no such thing", 5)).toEqual([]);
  expect(find(read("en"), "face", 7)).toHaveLength(7);
});

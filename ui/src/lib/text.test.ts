import { expect, test } from "vitest";
import { addressOf } from "./address";
import { isOnlyEmoji } from "./emoji";
import { visible } from "./visible";
import { t } from "./words";

test("an invisible character is named by its code point", () => {
  expect(visible("’")).toBe("’");
  expect(visible("\u200b")).toBe("U+200B");
});

test.each([
  ["❤️", true],
  ["👩🏾‍🔧👨‍👩‍👧‍👦🏳️‍🌈", true],
  ["👍🏽 👍", true],
  ["😀😀😀😀", false],
  ["ok 👍", false],
  ["1", false],
  ["", false],
])("%s is nothing but a few emoji: %s", (text, expected) => {
  expect(isOnlyEmoji(text)).toBe(expected);
});

test.each([
  ["desk.example.com", "https://desk.example.com"],
  [" https://desk.example.com/ ", "https://desk.example.com"],
  ["http://10.0.0.4:4000", "http://10.0.0.4:4000"],
  ["localhost:4000", "http://localhost:4000"],
  ["127.0.0.1:4000", "http://127.0.0.1:4000"],
])("%s is the server %s", (typed, expected) => {
  expect(addressOf(typed)).toBe(expected);
});

test("words count as English does", () => {
  expect(t("bar.waiting", 1)).toBe("1 text waits to be sent.");
  expect(t("bar.waiting", 12_000)).toBe("12,000 texts wait to be sent.");
  expect(t("composer.forced", "’", 0, 1)).toBe("’ costs more");
  expect(t("composer.forced", "’ –", 3, 5)).toBe("’ – and 3 others cost more");
  expect(t("app.title", 0)).toBe("Deskline");
  expect(t("app.title", 3)).toBe("(3) Deskline");
});

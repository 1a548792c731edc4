import { expect, test } from "vitest";
import { attributeName, shownName } from "./attribute";

test.each([
  ["Frame number", "frame_number"],
  [" größe ", null],
  ["Café-Order", "cafe_order"],
  ["1st", null],
  ["", null],
  ["x".repeat(51), null],
])("%j is kept as %j", (typed, name) => {
  expect(attributeName(typed)).toBe(name);
});

test("a name is shown as words", () => {
  expect(shownName("frame_number")).toBe("Frame number");
});

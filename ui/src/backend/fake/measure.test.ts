import { expect, test } from "vitest";
import { measure } from "./measure";

// The cases of crates/domain/src/segments.rs: the browser build must not tell another price.
test.each([
  ["", "GSM-7", 0, 160],
  ["a".repeat(160), "GSM-7", 1, 0],
  ["a".repeat(161), "GSM-7", 2, 145],
  ["€".repeat(80), "GSM-7", 1, 0],
  [`${"a".repeat(152)}€${"a".repeat(10)}`, "GSM-7", 2, 141],
  ["я".repeat(70), "UCS-2", 1, 0],
  ["я".repeat(71), "UCS-2", 2, 63],
  ["😀".repeat(35), "UCS-2", 1, 0],
])("case %#", (text, encoding, count, remaining) => {
  const segments = measure(text);

  expect([segments.encoding, segments.count, segments.remaining]).toEqual([encoding, count, remaining]);
});

test("the characters that force UCS-2 are named once", () => {
  expect(measure("it’s “so” good’").forcedBy).toEqual(["’", "“", "”"]);
});

import { describe, expect, test } from "vitest";
import { boxOf, TALLEST, UNKNOWN, WIDEST } from "./box";

describe("the box of a picture", () => {
  test.each([
    [1600, 800, { width: 280, height: 140 }],
    [800, 1600, { width: 160, height: 320 }],
    [200, 100, { width: 200, height: 100 }],
    [10, 10, { width: 96, height: 64 }],
    [20_000, 100, { width: WIDEST, height: 64 }],
    [100, 20_000, { width: 96, height: TALLEST }],
    [null, null, UNKNOWN],
    [0, 7, UNKNOWN],
  ])("of %s × %s pixels has its shape, within limits", (width, height, expected) => {
    expect(boxOf(width, height)).toEqual(expected);
  });
});

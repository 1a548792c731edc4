import { describe, expect, test } from "vitest";
import { pieces } from "./marks";

describe("a marked text", () => {
  test("is cut where JavaScript counts, emoji and all", () => {
    expect(
      pieces("👍🏽 Ünder way", [
        { start: 0, end: 4 },
        { start: 5, end: 10 },
      ]),
    ).toEqual([
      { text: "👍🏽", marked: true },
      { text: " ", marked: false },
      { text: "Ünder", marked: true },
      { text: " way", marked: false },
    ]);
  });

  test("without marks is one piece, and nothing is none", () => {
    expect(pieces("see you", [])).toEqual([{ text: "see you", marked: false }]);
    expect(pieces("", [])).toEqual([]);
  });
});

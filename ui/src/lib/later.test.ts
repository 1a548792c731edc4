import { describe, expect, test } from "vitest";
import { fieldOf, laterChoices, momentOf } from "./later";

const utc = { locale: "en-GB", timeZone: "UTC" };
const moments = (now: string, minutesAhead: number | null) =>
  laterChoices(Date.parse(now), utc, minutesAhead).map(({ choice, at }) => [
    choice,
    new Date(at).toISOString(),
  ]);

describe("a text for later", () => {
  test("can leave in an hour, or on a morning", () => {
    expect(moments("2026-11-21T15:24:30Z", null)).toEqual([
      ["hour", "2026-11-21T16:24:00.000Z"],
      ["tomorrow", "2026-11-22T09:00:00.000Z"],
      ["monday", "2026-11-23T09:00:00.000Z"],
    ]);
  });

  test("can leave at nine by the contact's clock, among the others by its time", () => {
    expect(moments("2026-11-21T15:24:00Z", -480)).toEqual([
      ["hour", "2026-11-21T16:24:00.000Z"],
      ["there", "2026-11-21T17:00:00.000Z"],
      ["tomorrow", "2026-11-22T09:00:00.000Z"],
      ["monday", "2026-11-23T09:00:00.000Z"],
    ]);
    expect(moments("2026-11-21T15:24:00Z", 240)[1]).toEqual(["there", "2026-11-22T05:00:00.000Z"]);
    expect(moments("2026-11-21T15:24:00Z", 345)[1]).toEqual(["there", "2026-11-22T03:15:00.000Z"]);
  });

  test("is offered nine o'clock once where both clocks agree", () => {
    expect(moments("2026-11-21T15:24:00Z", 0).map(([choice]) => choice)).toEqual([
      "hour",
      "tomorrow",
      "monday",
    ]);
  });

  test("has its time in a field and back, to the minute", () => {
    const at = Date.parse("2026-11-22T09:05:00Z");

    expect(momentOf(fieldOf(at))).toBe(at);
    expect(momentOf("")).toBeNull();
    expect(momentOf("tomorrow")).toBeNull();
  });
});

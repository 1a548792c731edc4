import { describe, expect, test } from "vitest";
import { snoozeChoices } from "./snooze";

const utc = { locale: "en-GB", timeZone: "UTC" };
const berlin = { locale: "en-GB", timeZone: "Europe/Berlin" };
const moments = (now: string, region = utc) =>
  snoozeChoices(Date.parse(now), region).map(({ choice, until }) => [choice, new Date(until).toISOString()]);

describe("snoozing", () => {
  test("offers hours, the next morning and the next Monday morning", () => {
    expect(moments("2026-11-21T15:24:30Z")).toEqual([
      ["hours", "2026-11-21T18:24:00.000Z"],
      ["tomorrow", "2026-11-22T09:00:00.000Z"],
      ["monday", "2026-11-23T09:00:00.000Z"],
    ]);
  });

  test("on a Sunday, tomorrow is Monday", () => {
    expect(moments("2026-11-22T10:00:00Z").map(([choice]) => choice)).toEqual(["hours", "tomorrow"]);
  });

  test("on a Monday, Monday is the next one", () => {
    expect(moments("2026-11-23T10:00:00Z")[2]).toEqual(["monday", "2026-11-30T09:00:00.000Z"]);
  });

  test("means nine o'clock on this machine, also when clocks are set in between", () => {
    // In the night to 25 October 2026, Berlin goes from UTC+2 to UTC+1.
    expect(moments("2026-10-24T20:00:00Z", berlin)[1]).toEqual(["tomorrow", "2026-10-25T08:00:00.000Z"]);
    expect(moments("2026-10-22T23:30:00Z", berlin)[1]).toEqual(["tomorrow", "2026-10-24T07:00:00.000Z"]);
  });
});

import { describe, expect, test, vi } from "vitest";
import { ago, clockTime, dayName, dayNumber, localRegion, shortMoment, sinceWhen } from "./time";

const british = { locale: "en-GB", timeZone: "UTC" };
const now = Date.parse("2026-11-21T15:24:00Z");

describe("the moment in a row", () => {
  test.each([
    ["a minute ago", "2026-11-21T15:23:00Z", "15:23"],
    ["a minute into the future, as clocks differ", "2026-11-21T15:25:00Z", "15:25"],
    ["early today", "2026-11-21T00:00:00Z", "00:00"],
    ["late yesterday", "2026-11-20T23:59:59Z", "Yesterday"],
    ["two days ago", "2026-11-19T08:00:00Z", "Thu"],
    ["six days ago", "2026-11-15T08:00:00Z", "Sun"],
    ["a week ago", "2026-11-14T08:00:00Z", "14 Nov"],
    ["another year", "2025-11-14T08:00:00Z", "14 Nov 2025"],
  ])("%s", (_, at, expected) => {
    expect(shortMoment(Date.parse(at), now, british)).toBe(expected);
  });

  test("the day turns at midnight of the agent's own zone", () => {
    const auckland = { locale: "en-NZ", timeZone: "Pacific/Auckland" };
    const lateThere = Date.parse("2026-11-21T10:59:00Z");

    expect(dayNumber(lateThere + 60_000, auckland)).toBe(dayNumber(lateThere, auckland) + 1);
    expect(shortMoment(lateThere, lateThere + 60_000, auckland)).toBe("Yesterday");
  });
});

test("a day separator names the day, and the year only where it is another", () => {
  // Versions of the locale data differ about commas.
  const named = (at: string) => dayName(Date.parse(at), now, british).replace(",", "");

  expect(dayName(now, now, british)).toBe("Today");
  expect(dayName(now - 86_400_000, now, british)).toBe("Yesterday");
  expect(named("2026-03-03T12:00:00Z")).toBe("Tuesday 3 March");
  expect(named("2025-03-03T12:00:00Z")).toBe("Monday 3 March 2025");
});

test("time is written as the region writes it", () => {
  expect(clockTime(now, british)).toBe("15:24");
  expect(clockTime(now, { locale: "en-US", timeZone: "UTC" }).replace("\u202f", " ")).toBe("3:24 PM");
});

test("an outage of another day is told with the day", () => {
  expect(sinceWhen(now - 60_000, now, british)).toBe("15:23");
  expect(sinceWhen(now - 86_400_000, now, british)).toBe("Yesterday, 15:24");
});

test("dates are in the language of our words, as the system writes it", () => {
  expect(localRegion(["de-DE", "en-GB", "en-US"], "en").locale).toBe("en-GB");
  expect(localRegion(["de-DE"], "en").locale).toBe("en");
  expect(localRegion(["en-GB", "de-AT"], "de").locale).toBe("de-AT");
});

test("however many moments are told, what tells them is made once", () => {
  const { RelativeTimeFormat } = Intl;
  const made = vi.spyOn(Intl, "RelativeTimeFormat").mockImplementation(function (...asked) {
    return new RelativeTimeFormat(...asked);
  });
  const irish = { locale: "en-IE", timeZone: "UTC" };

  for (let days = 0; days < 50; days += 1) {
    dayName(now, now, irish);
    shortMoment(now - 86_400_000, now, irish);
    ago(now - days * 86_400_000, now, irish);
  }

  expect(made, "words for days, and figures").toHaveBeenCalledTimes(2);
  made.mockRestore();
});

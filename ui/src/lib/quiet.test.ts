import { describe, expect, test } from "vitest";
import { quietChoices } from "./quiet";

const UTC = { locale: "en-GB", timeZone: "UTC" };

describe("being left alone", () => {
  test("lasts an hour from this minute on, or until tomorrow morning", () => {
    const now = Date.parse("2026-11-21T15:24:31Z");

    const choices = quietChoices(now, UTC).map(
      ({ choice, until }) => `${choice} ${new Date(until).toISOString()}`,
    );

    expect(choices).toEqual(["hour 2026-11-21T16:24:00.000Z", "tomorrow 2026-11-22T09:00:00.000Z"]);
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { hueOf, initialsOf } from "./avatar";

test.each([
  ["Maya Lindqvist", "ML"],
  ["Maximiliane Charlotte von Hohenberg", "MH"],
  ["madonna", "M"],
  ["ليلى حداد", "لح"],
  ["田中 愛子", "田愛"],
  ["👩🏾‍🔧 Garage", "👩🏾‍🔧G"],
  ["(Old) Jim", "OJ"],
])("initials of %s", (name, expected) => {
  expect(initialsOf(name)).toBe(expected);
});

test.each(["Unknown (+15551234567)", "24273", "+1 555", ""])("%s has no initials", (name) => {
  expect(initialsOf(name)).toBeNull();
});

test("the hue belongs to the id for good", () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      expect(hueOf(id)).toBe(hueOf(id));
      expect(hueOf(id)).toBeGreaterThanOrEqual(0);
      expect(hueOf(id)).toBeLessThan(360);
    }),
  );
});

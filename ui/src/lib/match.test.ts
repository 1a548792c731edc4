import { expect, test } from "vitest";
import { fit, fitting } from "./match";

test("the beginning of a name fits better than a word in it, and that better than a piece of a word", () => {
  const names = ["Unsnooze", "Put to sleep: snooze", "Snooze"];

  expect(fitting(names, "snoo", (name) => name)).toEqual(["Snooze", "Put to sleep: snooze", "Unsnooze"]);
});

test("accents and case do not count, and every word must be there", () => {
  expect(fit("Größe der Öffnung", "grosse")).toBeNull();
  expect(fit("Inès Moreau", "ines mor")).toBe(5);
  expect(fit("Inès Moreau", "ines x")).toBeNull();
  expect(fit("anything", "  ")).toBe(0);
});

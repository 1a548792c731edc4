import { afterEach, expect, test } from "vitest";
import { languageFor } from "./language";
import { speak, t, type Word } from "./words";
import { german } from "./words/de";
import { english } from "./words/en";

afterEach(() => speak(english));

test("both catalogues have the same words, with the same figures and names in them", () => {
  const arity = (entry: unknown) => (typeof entry === "function" ? entry.length : -1);
  const shape = (catalogue: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(catalogue).map(([word, entry]) => [word, arity(entry)]));

  expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
  for (const [word, figures] of Object.entries(shape(german)))
    // A language may leave out what it has no use for, and never ask for more.
    expect(figures, word).toBeLessThanOrEqual(shape(english)[word] ?? -1);
});

test("a sentence that was forgotten would be the same in both", () => {
  const same = (Object.keys(english) as Word[]).filter(
    (word) =>
      typeof english[word] === "string" && english[word].includes(" ") && english[word] === german[word],
  );

  expect(same).toEqual([]);
});

test("German counts as Germans do", () => {
  speak(german);

  expect(t("bar.waiting", 1)).toBe("1 Nachricht wartet auf das Senden.");
  expect(t("bar.waiting", 12_000)).toBe("12.000 Nachrichten warten auf das Senden.");
});

test.each([
  [null, ["de-AT", "en"], "de"],
  [null, ["fr", "en-GB", "de"], "en"],
  [null, ["fr"], "en"],
  ["de", ["en"], "de"],
  ["xx", ["en"], "en"],
])("whoever wants %s on a system of %s reads %s", (wanted, system, language) => {
  expect(languageFor(wanted, system)).toBe(language);
});

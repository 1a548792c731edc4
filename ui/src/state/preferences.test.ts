import { expect, test } from "vitest";
import { PreferencesController, readPreferences, USUAL, type Kept } from "./preferences.svelte";

function storage(kept: string | null = null): Kept & { kept: string | null } {
  return {
    kept,
    getItem() {
      return this.kept;
    },
    setItem(_key, value) {
      this.kept = value;
    },
  };
}

test("what is set is there the next time", () => {
  const disk = storage();
  new PreferencesController(disk).set({ enterSends: false, panel: true });

  const next = new PreferencesController(disk);

  expect([next.value.enterSends, next.value.panel]).toEqual([false, true]);
});

test.each(["", "null", "[1]", "{", '{"enterSends":1,"emoji":[3,"👍"],"language":7}'])(
  "%j is read as far as it makes sense",
  (kept) => {
    const read = readPreferences(storage(kept));

    expect([read.enterSends, read.panel, read.language]).toEqual([true, false, null]);
    expect(read.emoji.every((one) => typeof one === "string")).toBe(true);
  },
);

test("the emoji that was picked last stands first, and once", () => {
  const preferences = new PreferencesController();
  for (const emoji of ["👍", "🚲", "👍"]) preferences.picked(emoji);
  expect(preferences.value.emoji).toEqual(["👍", "🚲"]);

  for (let n = 0; n < 40; n++) preferences.picked(String(n));
  expect(preferences.value.emoji).toHaveLength(16);
  expect(USUAL.emoji).toEqual([]);
});

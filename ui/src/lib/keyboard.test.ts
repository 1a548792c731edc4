import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actionFor, sends, type Place, type Stroke } from "./keyboard";

const stroke = (key: string, more: Partial<Stroke> = {}): Stroke => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  ...more,
});

describe("keys", () => {
  test.each<[string, Place, ReturnType<typeof actionFor>]>([
    ["j", "list", "next"],
    ["J", "thread", "next"],
    ["k", "elsewhere", "previous"],
    ["ArrowDown", "list", "next"],
    ["ArrowUp", "elsewhere", "previous"],
    ["ArrowDown", "thread", null],
    ["Enter", "list", "open"],
    ["Enter", "control", null],
    ["r", "thread", "reply"],
    ["n", "thread", "note"],
    ["e", "list", "close"],
    ["S", "control", "snooze"],
    ["a", "elsewhere", "assign"],
    ["l", "list", "label"],
    ["u", "thread", "unread"],
    ["?", "list", "sheet"],
    ["/", "list", "search"],
    ["/", "typing", null],
    ["Escape", "typing", "back"],
    ["Escape", "list", "back"],
    ["x", "list", null],
  ])("%s in %s", (key, place, expected) => {
    expect(actionFor(stroke(key), place)).toBe(expected);
  });

  test("no key but Escape does anything while someone types", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 10 }), (key) => {
        fc.pre(key !== "Escape");
        expect(actionFor(stroke(key), "typing")).toBeNull();
      }),
    );
  });

  test("a key with Ctrl, Cmd or Alt is somebody else's", () => {
    for (const held of ["ctrlKey", "metaKey", "altKey"] as const)
      expect(actionFor(stroke("r", { [held]: true }), "list")).toBeNull();
  });
});

describe("Enter in the composer", () => {
  const enter = { ...stroke("Enter"), shiftKey: false, keyCode: 13 };

  test("sends", () => {
    expect(sends(enter)).toBe(true);
  });

  test("breaks the line with Shift", () => {
    expect(sends({ ...enter, shiftKey: true })).toBe(false);
  });

  test("ends a composition of an input method, and does not send it", () => {
    expect(sends({ ...enter, isComposing: true })).toBe(false);
    expect(sends({ ...enter, keyCode: 229 })).toBe(false);
  });
});

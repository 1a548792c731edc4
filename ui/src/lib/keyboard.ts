// Which key does what. A pure function of the key and of where the focus is; views/keys.ts carries it out.

export type KeyAction =
  | "next"
  | "previous"
  | "open"
  | "back"
  | "reply"
  | "note"
  | "close"
  | "snooze"
  | "assign"
  | "label"
  | "unread"
  | "panel"
  | "palette"
  | "search"
  | "sheet";

/** One letter each, in either case. */
const letters: Readonly<Record<string, KeyAction>> = {
  j: "next",
  k: "previous",
  r: "reply",
  n: "note",
  e: "close",
  s: "snooze",
  a: "assign",
  l: "label",
  u: "unread",
  i: "panel",
};

/** The part of a keyboard event that counts. */
export interface Stroke {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  isComposing: boolean;
}

/** Where the focus is. `typing`: in a field; `list`, `thread`: in that pane; `control`: on a button or the like. */
export type Place = "typing" | "list" | "thread" | "control" | "elsewhere";

/** What the stroke asks for, or `null`. No single letter does anything while someone types. */
export function actionFor(stroke: Stroke, place: Place): KeyAction | null {
  if (stroke.isComposing || stroke.altKey) return null;
  // From everywhere, fields included; on a Mac it is the command key.
  if (stroke.ctrlKey !== stroke.metaKey) {
    const key = stroke.key.toLowerCase();
    if (key === "f") return "search";
    if (key === "k") return "palette";
  }
  if (stroke.ctrlKey || stroke.metaKey) return null;
  if (stroke.key === "Escape") return "back";
  if (place === "typing") return null;

  const letter = letters[stroke.key.toLowerCase()];
  if (letter !== undefined) return letter;
  switch (stroke.key) {
    case "/":
      return "search";
    case "?":
      return "sheet";
    case "ArrowDown":
      return place === "list" || place === "elsewhere" ? "next" : null;
    case "ArrowUp":
      return place === "list" || place === "elsewhere" ? "previous" : null;
    case "Enter":
      return place === "list" || place === "elsewhere" ? "open" : null;
    default:
      return null;
  }
}

/** Whether an input method composes, and the key is its own (WebKit reports that one as 229). */
export function composes({ isComposing, keyCode }: { isComposing: boolean; keyCode: number }): boolean {
  return isComposing || keyCode === 229;
}

/** Whether this Enter sends: alone, or with Shift where the agent has swapped the two, and not while an input method composes. */
export function sends(stroke: Stroke & { shiftKey: boolean; keyCode: number }, enterSends = true): boolean {
  const sending = stroke.key === "Enter" && stroke.shiftKey !== enterSends && !stroke.altKey;
  return sending && !composes(stroke) && !asksWhen(stroke);
}

/** Whether this Enter asks when the text is to leave. */
export function asksWhen(stroke: Stroke & { shiftKey: boolean; keyCode: number }): boolean {
  return stroke.key === "Enter" && stroke.shiftKey && (stroke.ctrlKey || stroke.metaKey) && !composes(stroke);
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Message } from "@/bindings/Message";
import type { Note } from "@/bindings/Note";
import { UTC } from "@/testing/desk";
import {
  appendPage,
  compareMessages,
  firstUnread,
  layOut,
  mergeMessages,
  prependPage,
  type Bounds,
  type Bubble,
} from "./bubbles";

function text(id: string, at: string, more: Partial<Message> = {}): Message {
  return {
    id,
    contactId: "c",
    content: id,
    direction: "inbound",
    state: "received",
    createdAt: at,
    mine: false,
    authorId: null,
    media: [],
    failure: null,
    sendAt: null,
    ...more,
  };
}

const note = (id: string, at: string): Note => ({
  id,
  contactId: "c",
  content: id,
  authorId: "kim",
  mine: false,
  mentions: [],
  createdAt: at,
  editedAt: null,
  waiting: false,
});

const bubblesOf = (messages: Message[], unreadFrom: string | null = null) =>
  layOut(messages, [], unreadFrom, UTC).filter((row): row is Bubble => row.kind === "text");
const joined = (messages: Message[], unreadFrom: string | null = null) =>
  bubblesOf(messages, unreadFrom).map((bubble) => bubble.joinsAbove);

describe("groups", () => {
  test("texts of one side within two minutes stand together", () => {
    expect(
      joined([
        text("a", "2026-11-21T10:00:00Z"),
        text("b", "2026-11-21T10:02:00Z"),
        text("c", "2026-11-21T10:04:00.001Z"),
      ]),
    ).toEqual([false, true, false]);
  });

  test("the other side, a teammate, a new day and the new line each begin a group", () => {
    expect(
      joined(
        [
          text("a", "2026-11-20T23:59:00Z"),
          text("b", "2026-11-21T00:00:00Z"),
          text("c", "2026-11-21T00:00:10Z", { direction: "outbound", mine: true }),
          text("d", "2026-11-21T00:00:20Z", { direction: "outbound", mine: false }),
          text("e", "2026-11-21T00:00:30Z"),
          text("f", "2026-11-21T00:00:40Z"),
          text("g", "2026-11-21T00:00:50Z", { direction: "outbound", authorId: "kim" }),
          text("h", "2026-11-21T00:00:55Z", { direction: "outbound", authorId: "rafa" }),
        ],
        "f",
      ),
    ).toEqual([false, false, false, false, false, false, false, false]);
  });

  test("what comes below a failure does not stick to it", () => {
    const failure = { code: 30003, explanation: "Unreachable.", canRetry: true, canDiscard: false };

    expect(
      joined([text("a", "2026-11-21T10:00:00Z", { failure }), text("b", "2026-11-21T10:00:01Z")]),
    ).toEqual([false, false]);
  });

  test("a group knows where it ends", () => {
    const bubbles = bubblesOf([
      text("a", "2026-11-21T10:00:00Z"),
      text("b", "2026-11-21T10:01:00Z"),
      text("c", "2026-11-21T11:00:00Z"),
    ]);

    expect(bubbles.map((bubble) => bubble.joinsBelow)).toEqual([true, false, false]);
    expect(bubbles.map((bubble) => bubble.startsDay)).toEqual([true, false, false]);
  });
});

describe("notes", () => {
  test("stand at their time, part groups, and may begin a day", () => {
    const rows = layOut(
      [
        text("a", "2026-11-21T10:00:00Z"),
        text("b", "2026-11-21T10:01:00Z"),
        text("c", "2026-11-21T10:01:30Z"),
      ],
      [
        note("n", "2026-11-20T10:00:00Z"),
        note("o", "2026-11-21T10:00:30Z"),
        note("p", "2026-11-22T10:00:00Z"),
      ],
      null,
      UTC,
    );

    const ids = rows.map((row) => (row.kind === "note" ? row.note.id : row.message.id));
    expect(ids.join("")).toBe("naobcp");
    expect(rows.map((row) => row.startsDay)).toEqual([true, true, false, false, false, true]);
    expect(rows.map((row) => row.kind === "text" && row.joinsAbove)).toEqual([
      false,
      false,
      false,
      false,
      true,
      false,
    ]);
  });
});

describe("merging", () => {
  const loaded = [text("b", "2026-11-21T10:00:00Z"), text("d", "2026-11-21T12:00:00Z")];
  const [oldest, newest] = [loaded[0] ?? null, loaded[1] ?? null];
  const ids = (some: readonly { id: string }[]) => some.map(({ id }) => id);
  const merged = (message: Message | null, id: string, bounds: Bounds = { oldest, newest: null }) =>
    ids(mergeMessages(loaded, new Map([[id, message]]), bounds));

  test("a new text goes where its time says", () => {
    expect(merged(text("c", "2026-11-21T11:00:00Z"), "c")).toEqual(["b", "c", "d"]);
    expect(merged(text("e", "2026-11-21T13:00:00Z"), "e")).toEqual(["b", "d", "e"]);
  });

  test("a text older than what is loaded waits for its page", () => {
    expect(merged(text("a", "2026-11-21T09:00:00Z"), "a")).toEqual(["b", "d"]);
    expect(merged(text("a", "2026-11-21T09:00:00Z"), "a", { oldest: null, newest: null })).toEqual([
      "a",
      "b",
      "d",
    ]);
  });

  test("a text newer than a stretch far back waits for its page, too", () => {
    expect(merged(text("e", "2026-11-21T13:00:00Z"), "e", { oldest, newest })).toEqual(["b", "d"]);
    expect(merged(text("c", "2026-11-21T11:00:00Z"), "c", { oldest, newest })).toEqual(["b", "c", "d"]);
  });

  test("a note waits where the texts do", () => {
    const some = [
      note("m", "2026-11-21T09:00:00Z"),
      note("n", "2026-11-21T11:00:00Z"),
      note("o", "2026-11-21T13:00:00Z"),
    ];

    expect(ids(mergeMessages([], new Map(some.map((one) => [one.id, one])), { oldest, newest }))).toEqual([
      "n",
    ]);
  });

  test("a text that is gone is gone", () => {
    expect(merged(null, "b")).toEqual(["d"]);
  });

  test("a page that overlaps what is loaded brings nothing twice", () => {
    expect(ids(prependPage(loaded, [text("a", "2026-11-21T09:00:00Z"), loaded[0] ?? text("b", "")]))).toEqual(
      ["a", "b", "d"],
    );
    expect(ids(appendPage(loaded, [loaded[1] ?? text("d", ""), text("e", "2026-11-21T13:00:00Z")]))).toEqual([
      "b",
      "d",
      "e",
    ]);
  });

  test("the order in which events arrive does not matter", () => {
    const all = Array.from({ length: 12 }, (_, i) => text(`m${i}`, new Date(i * 30_000).toISOString()));
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 12 }), (shuffled) => {
        const result = shuffled.reduce<readonly Message[]>(
          (messages, message) =>
            mergeMessages(messages, new Map([[message.id, message]]), { oldest: null, newest: null }),
          [],
        );
        expect(ids(result)).toEqual(ids([...all].sort(compareMessages)));
      }),
    );
  });
});

test("the new line stands above the oldest unread inbound text", () => {
  const messages = [
    text("a", "2026-11-21T10:00:00Z"),
    text("b", "2026-11-21T10:01:00Z"),
    text("c", "2026-11-21T10:02:00Z", { direction: "outbound", mine: true }),
    text("d", "2026-11-21T10:03:00Z"),
  ];

  expect(firstUnread(messages, 0)).toBeNull();
  expect(firstUnread(messages, 1)).toBe("d");
  expect(firstUnread(messages, 2)).toBe("b");
  expect(firstUnread(messages, 99)).toBe("a");
});

import { describe, expect, test } from "vitest";
import type { Conversation } from "@/bindings/Conversation";
import { appendPage, mergeRows, type Shown } from "./rows";

function row(contactId: string, minute: number, more: Partial<Conversation> = {}): Conversation {
  return {
    contactId,
    workspaceId: "w",
    name: contactId,
    phone: "+15550000000",
    unreadCount: 0,
    status: "Open",
    optedOut: false,
    canBeAnswered: true,
    lastMessageAt: new Date(minute * 60_000).toISOString(),
    preview: null,
    draft: null,
    hasFailure: false,
    ...more,
  };
}

const shown = (more: Partial<Shown> = {}): Shown => ({
  rows: [row("c", 30), row("b", 20), row("a", 10)],
  filter: "open",
  complete: true,
  selected: null,
  ...more,
});
const merged = (state: Shown, ...changed: [string, Conversation | null][]) =>
  mergeRows(state, new Map(changed)).map(({ contactId }) => contactId);

describe("a changed row", () => {
  test("moves up when it has a newer text", () => {
    expect(merged(shown(), ["a", row("a", 40)])).toEqual(["a", "c", "b"]);
  });

  test("leaves when the filter no longer lets it through", () => {
    expect(merged(shown(), ["b", row("b", 20, { status: "Closed" })])).toEqual(["c", "a"]);
  });

  test("stays as long as it is the selected one", () => {
    const state = shown({ filter: "unread", selected: "b" });

    expect(merged(state, ["b", row("b", 20)])).toEqual(["c", "b", "a"]);
  });

  test("that is gone leaves even when it is selected", () => {
    expect(merged(shown({ selected: "b" }), ["b", null])).toEqual(["c", "a"]);
  });

  test("that is new comes in at its place", () => {
    expect(merged(shown(), ["d", row("d", 25)])).toEqual(["c", "d", "b", "a"]);
  });

  test("below the last loaded row waits for its page", () => {
    expect(merged(shown({ complete: false }), ["d", row("d", 5)])).toEqual(["c", "b", "a"]);
    expect(merged(shown(), ["d", row("d", 5)])).toEqual(["c", "b", "a", "d"]);
  });

  test("without any text goes to the end", () => {
    expect(merged(shown(), ["d", row("d", 0, { lastMessageAt: null })])).toEqual(["c", "b", "a", "d"]);
  });
});

test("a row that moved up between two pages stands once", () => {
  const page = appendPage(shown().rows, [row("b", 20), row("z", 1)]);

  expect(page.map(({ contactId }) => contactId)).toEqual(["c", "b", "a", "z"]);
});

import { describe, expect, test } from "vitest";
import type { Conversation } from "@/bindings/Conversation";
import type { ConversationFilter } from "@/bindings/ConversationFilter";
import { appendPage, lets, mergeRows, type Shown } from "./rows";

function row(contactId: string, minute: number, more: Partial<Conversation> = {}): Conversation {
  return {
    contactId,
    workspaceId: "w",
    name: contactId,
    phone: "+15550000000",
    unreadCount: 0,
    status: "Open",
    snoozedUntil: null,
    assignedTo: null,
    labels: [],
    attributes: {},
    blocked: false,
    muted: false,
    optedOut: false,
    canBeAnswered: true,
    lastMessageAt: new Date(minute * 60_000).toISOString(),
    preview: null,
    draft: null,
    reply: { cancelOnReply: false, note: "" },
    attachments: [],
    hasFailure: false,
    ...more,
  };
}

const shown = (more: Partial<Shown> = {}): Shown => ({
  rows: [row("c", 30), row("b", 20), row("a", 10)],
  view: { filter: "open", labelId: null, workspaceId: null, me: "me" },
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
    const state = shown({
      view: { filter: "unread", labelId: null, workspaceId: null, me: "me" },
      selected: "b",
    });

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

describe("a view", () => {
  const mine = row("a", 1, { assignedTo: "me" });
  const nobodys = row("b", 1, { labels: ["urgent"] });
  const snoozed = row("c", 1, { status: "Snoozed", assignedTo: "me" });
  const closed = row("d", 1, { status: "Closed", labels: ["urgent"] });

  test.each<[ConversationFilter, string | null, string]>([
    ["mine", null, "a"],
    ["unassigned", null, "b"],
    ["open", null, "ab"],
    ["snoozed", null, "c"],
    ["closed", null, "d"],
    ["all", null, "abcd"],
    ["all", "urgent", "bd"],
    ["open", "urgent", "b"],
  ])("%s with the label %s shows %s", (filter, labelId, expected) => {
    const through = [mine, nobodys, snoozed, closed].filter((one) =>
      lets({ filter, labelId, workspaceId: null, me: "me" }, one),
    );

    expect(through.map(({ contactId }) => contactId).join("")).toBe(expected);
  });

  test("of nobody's own conversations is empty while nobody is signed in", () => {
    expect(lets({ filter: "mine", labelId: null, workspaceId: null, me: null }, nobodys)).toBe(false);
  });
});

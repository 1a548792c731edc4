import { describe, expect, test } from "vitest";
import type { HistoryLine } from "@/bindings/HistoryLine";
import type { Message } from "@/bindings/Message";
import { storyOf, type Stretch } from "./story";

const at = (time: string) => `2026-11-21T${time}:00Z`;

const line = (time: string, kind: string, more: Partial<HistoryLine> = {}): HistoryLine => ({
  at: at(time),
  kind,
  decidedBy: "agent",
  by: "kim",
  assignee: null,
  until: null,
  ...more,
});

const text = (time: string, direction: "inbound" | "outbound" = "inbound") =>
  ({ id: time, direction, createdAt: at(time) }) as Message;

function told(lines: HistoryLine[], messages: Message[], more: Partial<Stretch> = {}): string[] {
  const stretch = {
    messages,
    reachesStart: true,
    reachesNewest: true,
    now: Date.parse(at("23:00")),
    ...more,
  };
  return storyOf(lines, stretch).map((one) => `${new Date(one.at).toISOString().slice(11, 16)} ${one.kind}`);
}

describe("what became of a conversation", () => {
  test("a text of the contact opens what is closed, once", () => {
    expect(
      told(
        [line("10:00", "closed")],
        [text("09:00"), text("10:30", "outbound"), text("11:00"), text("12:00")],
      ),
    ).toEqual(["10:00 closed", "11:00 reopened"]);
  });

  test("an agent who opens it says so, and the next text has nothing to open", () => {
    expect(told([line("10:00", "closed"), line("10:05", "opened")], [text("11:00")])).toEqual([
      "10:00 closed",
      "10:05 opened",
    ]);
  });

  test("a snooze ends by itself at its time, or before it by a text", () => {
    const snoozed = line("10:00", "snoozed", { until: at("12:00") });
    expect(told([snoozed], [text("13:00")])).toEqual(["10:00 snoozed", "12:00 woke"]);
    expect(told([snoozed], [text("11:00"), text("13:00")])).toEqual(["10:00 snoozed", "11:00 reopened"]);
    expect(told([snoozed], [], { now: Date.parse(at("11:59")) })).toEqual(["10:00 snoozed"]);
    expect(told([snoozed, line("14:00", "closed")], [])).toEqual([
      "10:00 snoozed",
      "12:00 woke",
      "14:00 closed",
    ]);
  });

  test("what the contact decided stands below the text that said so", () => {
    const [line1] = storyOf([line("10:00", "opted_out", { decidedBy: "contact", by: null })], {
      messages: [text("10:00")],
      reachesStart: true,
      reachesNewest: true,
      now: 0,
    });
    expect(line1?.at).toBe(Date.parse(at("10:00")) + 1);
  });

  test("a blocked contact opens nothing", () => {
    const lines = [line("10:00", "blocked"), line("10:01", "closed"), line("12:00", "unblocked")];
    expect(told(lines, [text("11:00"), text("13:00")])).toEqual([
      "10:00 blocked",
      "10:01 closed",
      "12:00 unblocked",
      "13:00 reopened",
    ]);
  });

  test("lines beyond the stretch that is loaded come with their pages", () => {
    const lines = [line("08:00", "closed"), line("10:30", "assigned"), line("14:00", "closed")];
    const messages = [text("10:00"), text("11:00")];
    expect(told(lines, messages, { reachesStart: false, reachesNewest: false })).toEqual(["10:30 assigned"]);
  });

  test("what a newer server knows of and this window does not is left out", () => {
    expect(told([line("10:00", "teleported"), line("10:01", "closed")], [])).toEqual(["10:01 closed"]);
  });
});

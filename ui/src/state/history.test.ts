import { describe, expect, test } from "vitest";
import { settle, startDesk } from "@/testing/desk";

describe("what became of a conversation", () => {
  test("is asked for with the thread, and follows what the agent does once the server knows it", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("maya-lindqvist"));
    await settle();
    const open = desk.open;
    const look = async () => {
      const conversation = open?.thread.conversation;
      if (conversation) await open.history.follow(conversation);
      return open?.history.lines.map(({ kind }) => kind);
    };
    expect(await look()).toEqual(["closed", "assigned"]);

    await open?.acting.close();
    await settle();
    expect(await look(), "the server has not heard of it").toEqual(["closed", "assigned"]);
    fake.advance(400);
    await settle();

    expect(await look()).toEqual(["closed", "assigned", "closed"]);
  });

  test("is missing while the server is away, and nothing else is", async () => {
    const { desk, idOf } = await startDesk({ state: "offline" });
    desk.openConversation(idOf("maya-lindqvist"));
    await settle();
    const conversation = desk.open?.thread.conversation;

    if (conversation) await desk.open.history.follow(conversation);

    expect(desk.open?.history.lines).toEqual([]);
    expect(desk.failure).toBeNull();
  });
});

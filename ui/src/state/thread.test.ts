import { describe, expect, test, vi } from "vitest";
import { settle, startDesk } from "@/testing/desk";

describe("a thread", () => {
  test("grows upwards to its beginning, each text once and in order", async () => {
    const { desk, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    const thread = desk.open?.thread;
    expect(thread?.messages).toHaveLength(60);

    for (let i = 0; i < 5; i++) await thread?.loadOlder();

    expect(thread?.messages).toHaveLength(360);
    expect(thread?.grewAbove).toBe(true);
    const times = thread?.messages.map((message) => Date.parse(message.createdAt)) ?? [];
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(thread?.messages.map((message) => message.id)).size).toBe(360);
  });

  test("an answer that comes after another conversation was opened changes nothing on screen", async () => {
    const { desk, fake, idOf } = await startDesk();
    const honest = fake.messages.bind(fake);
    let release = (): void => undefined;
    vi.spyOn(fake, "messages").mockImplementationOnce(async (query) => {
      await new Promise<void>((resolve) => (release = resolve));
      return honest(query);
    });

    desk.openConversation(idOf("sam-carter"));
    await settle();
    desk.openConversation(idOf("maya-lindqvist"));
    await settle();
    release();
    await settle();

    expect(desk.open?.thread.contactId).toBe(idOf("maya-lindqvist"));
    expect(desk.open?.thread.messages.every((message) => message.contactId === idOf("maya-lindqvist"))).toBe(
      true,
    );
  });

  test("a change that is told while an older answer is under way wins", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("marcus-bell"));
    await settle();
    const id = fake.shelf.bySlug("marcus-bell")?.thread.at(-1)?.id ?? "";
    const honest = fake.message.bind(fake);
    let release = (): void => undefined;
    vi.spyOn(fake, "message").mockImplementationOnce(async (messageId) => {
      const early = await honest(messageId);
      await new Promise<void>((resolve) => (release = resolve));
      return early;
    });

    fake.emit({ type: "messagesChanged", contactId: idOf("marcus-bell"), messageIds: [id] });
    await settle();
    const stored = fake.shelf.message(id);
    if (stored) stored.state = "read";
    fake.emit({ type: "messagesChanged", contactId: idOf("marcus-bell"), messageIds: [id] });
    await settle();
    release();
    await settle();

    expect(desk.open?.thread.messages.at(-1)?.state).toBe("read");
  });

  test("a change that is told while the thread still loads is not lost", async () => {
    const { desk, fake, idOf } = await startDesk();
    const honest = fake.messages.bind(fake);
    let release = (): void => undefined;
    vi.spyOn(fake, "messages").mockImplementationOnce(async (query) => {
      const early = await honest(query);
      await new Promise<void>((resolve) => (release = resolve));
      return early;
    });

    desk.openConversation(idOf("sam-carter"));
    await settle();
    fake.receive("sam-carter", "while it loads");
    await settle();
    release();
    await settle();

    expect(desk.open?.thread.messages.at(-1)?.content).toBe("while it loads");
  });

  test("three hundred changed texts are one question", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    const ask = vi.spyOn(fake, "message");
    const messageIds = Array.from({ length: 300 }, (_, i) => `id-${i}`);

    fake.emit({ type: "messagesChanged", contactId: idOf("sam-carter"), messageIds });
    await settle();

    expect(ask).not.toHaveBeenCalled();
    expect(desk.open?.thread.messages).toHaveLength(60);
  });

  test("of a contact that is gone says so", async () => {
    const { desk } = await startDesk();

    desk.openConversation("01935b2e-0000-7000-8000-00000000ffff");
    await settle();

    expect(desk.open?.thread.phase).toBe("gone");
  });
});

import { describe, expect, test, vi } from "vitest";
import { names, settle, startDesk } from "@/testing/desk";

describe("the list", () => {
  test("shows what is open, newest first, and what is unread", async () => {
    const { desk } = await startDesk();

    expect(desk.list.rows).toHaveLength(22);
    expect(names(desk.list.rows).slice(0, 2)).toEqual(["Maya Lindqvist", "Marcus Bell"]);
    expect(desk.list.unread).toBe(8);
  });

  test("pages on, each row once, up to ten thousand", async () => {
    const { desk } = await startDesk({ contacts: "450" });
    expect(desk.list.rows).toHaveLength(100);

    while (!desk.list.complete) await desk.list.loadMore();

    expect(new Set(desk.list.rows.map((row) => row.contactId)).size).toBe(442);
  });

  test("a text moves its conversation to the top, and counts", async () => {
    const { desk, fake } = await startDesk();

    fake.receive("kwame-mensah", "Hello?");
    await settle();

    expect(desk.list.rows[0]?.name).toBe("Kwame Mensah");
    expect(desk.list.rows[0]?.unreadCount).toBe(1);
    expect(desk.list.unread).toBe(9);
  });

  test("an answer for another filter is not shown", async () => {
    const { desk, fake } = await startDesk();
    const honest = fake.conversations.bind(fake);
    let release = (): void => undefined;
    vi.spyOn(fake, "conversations").mockImplementationOnce(async (query) => {
      await new Promise<void>((resolve) => (release = resolve));
      return honest(query);
    });

    const slow = desk.list.setFilter("closed");
    await settle();
    const quick = desk.list.setFilter("unread");
    release();
    await Promise.all([slow, quick]);

    expect(desk.list.filter).toBe("unread");
    expect(desk.list.rows.every((row) => row.unreadCount > 0)).toBe(true);
  });

  test("the selected row stays under Unread until another is selected", async () => {
    const { desk, idOf } = await startDesk();
    desk.setWindowFocused(true);
    await desk.list.setFilter("unread");

    desk.openConversation(idOf("maya-lindqvist"));
    await settle();
    expect(names(desk.list.rows)).toContain("Maya Lindqvist");

    desk.openConversation(idOf("pia-sommer"));
    await settle();
    expect(names(desk.list.rows)).not.toContain("Maya Lindqvist");
    expect(names(desk.list.rows)).toContain("Pia Sommer");
  });

  test("the keyboard's row moves and stops at both ends", async () => {
    const { desk } = await startDesk({ contacts: "2" });
    const [first, second] = desk.list.rows.map((row) => row.contactId);

    expect(desk.list.move(1)).toBe(first);
    expect(desk.list.move(1)).toBe(second);
    expect(desk.list.move(1)).toBe(second);
    expect(desk.list.move(-1)).toBe(first);
    expect(desk.list.move(-1)).toBe(first);
  });

  test("says what went wrong when it cannot be read", async () => {
    const { desk, fake } = await startDesk();
    vi.spyOn(fake, "conversations").mockRejectedValueOnce({
      code: "internal",
      message: "The local copy cannot be used",
    });

    await desk.list.load();
    expect(desk.list.failure?.sentence).toBe("The local copy cannot be used.");

    await desk.list.load();
    expect(desk.list.failure).toBeNull();
  });
});

import { describe, expect, test, vi } from "vitest";
import type { Message } from "@/bindings/Message";
import { settle, startDesk } from "@/testing/desk";

const names = (rows: readonly { name: string }[]) => rows.map(({ name }) => name);

describe("the list", () => {
  test("shows what is open, newest first, and what is unread", async () => {
    const { desk } = await startDesk();

    expect(desk.list.rows).toHaveLength(24);
    expect(names(desk.list.rows).slice(0, 2)).toEqual(["Maya Lindqvist", "Marcus Bell"]);
    expect(desk.list.unread).toBe(8);
  });

  test("pages on, each row once, up to ten thousand", async () => {
    const { desk } = await startDesk({ contacts: "450" });
    expect(desk.list.rows).toHaveLength(100);

    while (!desk.list.complete) await desk.list.loadMore();

    expect(new Set(desk.list.rows.map((row) => row.contactId)).size).toBe(444);
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

describe("reading", () => {
  test("a thread on screen in a focused window is read, and the engine knows what is looked at", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.setWindowFocused(true);

    desk.openConversation(idOf("maya-lindqvist"));
    await settle();

    expect(fake.shelf.bySlug("maya-lindqvist")?.unread).toBe(0);
    expect(fake.focusHistory.at(-1)).toEqual({ contactId: idOf("maya-lindqvist"), window: true });
    expect(desk.list.unread).toBe(6);
  });

  test("a thread in a window without focus is not read until the focus comes back", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("maya-lindqvist"));
    await settle();
    expect(fake.shelf.bySlug("maya-lindqvist")?.unread).toBe(2);

    desk.setWindowFocused(true);
    await settle();

    expect(fake.shelf.bySlug("maya-lindqvist")?.unread).toBe(0);
  });

  test("a text that comes while the thread is looked at is read at once", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.setWindowFocused(true);
    desk.openConversation(idOf("sam-carter"));
    await settle();

    fake.receive("sam-carter", "Hi");
    await settle();

    expect(desk.open?.thread.messages.at(-1)?.content).toBe("Hi");
    expect(desk.open?.thread.unreadFrom).toBeNull();
    expect(fake.shelf.bySlug("sam-carter")?.unread).toBe(0);
  });

  test("a text that comes while nobody looks gets the new line", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();

    const id = fake.receive("sam-carter", "Hi");
    await settle();

    expect(desk.open?.thread.unreadFrom).toBe(id);
  });

  test("a received text is told to screen readers", async () => {
    const { desk, fake } = await startDesk();

    fake.receive("kwame-mensah", "Are you there?");
    await settle();

    expect(desk.announcement).toBe("New text from Kwame Mensah: Are you there?");
  });

  test("a mark that fails is not tried again in a loop", async () => {
    const { desk, fake, idOf } = await startDesk();
    const mark = vi.spyOn(fake, "markRead").mockRejectedValue({ code: "internal", message: "no" });
    desk.setWindowFocused(true);

    desk.openConversation(idOf("maya-lindqvist"));
    await settle();

    expect(mark).toHaveBeenCalledTimes(1);
  });
});

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

describe("sending", () => {
  async function ready(parameters: Record<string, string> = {}) {
    const started = await startDesk(parameters);
    started.desk.openConversation(started.idOf("sam-carter"));
    await settle();
    return started;
  }
  const newest = (messages: readonly Message[] | undefined) => messages?.at(-1);

  test("shows the text at once and follows it to the handset", async () => {
    const { desk, fake } = await ready();
    const thread = desk.open?.thread;
    desk.open?.composer.write("On its way");
    await desk.open?.composer.send();
    const states = [newest(thread?.messages)?.state];

    for (const ms of [150, 350, 500, 900]) {
      fake.advance(ms);
      await settle();
      states.push(newest(thread?.messages)?.state);
    }

    expect(newest(thread?.messages)?.content).toBe("On its way");
    expect(states).toEqual(["waiting", "onServer", "accepted", "sent", "delivered"]);
  });

  test("while offline the text waits and the bar counts it; it leaves when the connection is back", async () => {
    const { desk, fake } = await ready({ state: "offline" });
    expect(desk.connection.outage?.waiting).toBe(2);

    desk.open?.composer.write("Later");
    await desk.open?.composer.send();
    fake.advance(60_000);
    await settle();
    expect(newest(desk.open?.thread.messages)?.state).toBe("waiting");
    expect(desk.connection.outage?.waiting).toBe(3);

    fake.setConnection({ state: "live" });
    fake.advance(60_000);
    await settle();
    expect(newest(desk.open?.thread.messages)?.state).toBe("delivered");
    expect(desk.connection.outage).toBeNull();
  });

  test("a refused text comes back into the composer with the reason", async () => {
    const { desk, fake } = await ready();
    vi.spyOn(fake, "sendMessage").mockRejectedValueOnce({
      code: "refused",
      message: "This contact has opted out.",
    });
    desk.open?.composer.write("Hello");

    await desk.open?.composer.send();

    expect(desk.open?.composer.text).toBe("Hello");
    expect(desk.open?.composer.failure?.sentence).toBe("This contact has opted out.");
  });

  test("two presses of Enter send once", async () => {
    const { desk, fake } = await ready();
    const send = vi.spyOn(fake, "sendMessage");
    desk.open?.composer.write("Once");

    await Promise.all([desk.open?.composer.send(), desk.open?.composer.send()]);

    expect(send).toHaveBeenCalledTimes(1);
  });

  test("nothing, white space and 1,601 characters are not sent", async () => {
    const { desk, fake } = await ready();
    const send = vi.spyOn(fake, "sendMessage");

    for (const text of ["", " \n ", "é".repeat(1_601)]) {
      desk.open?.composer.write(text);
      await desk.open?.composer.send();
    }
    expect(send).not.toHaveBeenCalled();

    desk.open?.composer.write("😀".repeat(1_600));
    expect(desk.open?.composer.canSend).toBe(true);
  });

  test("a late measure of an older text is dropped", async () => {
    const { desk, fake } = await ready();
    const honest = fake.measure.bind(fake);
    let release = (): void => undefined;
    vi.spyOn(fake, "measure").mockImplementationOnce(async (text) => {
      await new Promise<void>((resolve) => (release = resolve));
      return honest(text);
    });

    desk.open?.composer.write("👍 in UCS-2");
    desk.open?.composer.write("plain");
    await settle();
    release();
    await settle();

    expect(desk.open?.composer.segments?.encoding).toBe("GSM-7");
  });

  test("a contact that opts out locks the composer and keeps the draft", async () => {
    const { desk, fake, idOf } = await ready();
    desk.open?.composer.write("Hello");
    const contact = fake.shelf.bySlug("sam-carter");
    if (contact) contact.optedOut = true;

    fake.emit({ type: "conversationsChanged", contactIds: [idOf("sam-carter")] });
    await settle();

    expect(desk.open?.composer.lock).toBe("optedOut");
    expect(desk.open?.composer.canSend).toBe(false);
    expect(desk.open?.composer.text).toBe("Hello");
  });

  test("a failed text is retried, a parked one discarded", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("hannah-osei"));
    await settle();
    const thread = desk.open?.thread;
    const parked = newest(thread?.messages);
    expect(parked?.failure?.canDiscard).toBe(true);

    await thread?.retry(parked?.id ?? "");
    await settle();
    expect(newest(thread?.messages)?.state).toBe("waiting");

    desk.openConversation(idOf("marcus-bell"));
    await settle();
    const failed = newest(desk.open?.thread.messages);
    await desk.open?.thread.discard(failed?.id ?? "");
    expect(desk.open?.thread.actionFailures.get(failed?.id ?? "")?.code).toBe("alreadySent");
    fake.advance(0);
  });

  test("a discarded text is gone", async () => {
    const { desk, idOf } = await startDesk();
    desk.openConversation(idOf("hannah-osei"));
    await settle();
    const thread = desk.open?.thread;
    const id = newest(thread?.messages)?.id ?? "";

    await thread?.discard(id);

    expect(thread?.messages.some((message) => message.id === id)).toBe(false);
  });
});

describe("the session", () => {
  test("that ends by itself leaves everything readable, and signing in goes on where it stopped", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    desk.open?.composer.write("Half a tex");

    fake.expire();
    await settle();
    expect(desk.session.signedIn?.expired).toBe(true);
    expect(desk.open?.thread.messages).toHaveLength(60);
    expect(desk.open?.composer.text).toBe("Half a tex");

    const done = desk.session.signIn({
      server: "https://desk.example",
      email: "nora@example.com",
      password: "right",
    });
    fake.advance(1_000);
    await done;
    await settle();
    expect(desk.session.signedIn?.expired).toBe(false);
    expect(desk.open?.composer.text).toBe("Half a tex");
  });

  test("that is closed leaves nothing on screen or in memory", async () => {
    const { desk, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    desk.open?.composer.write("Secret");

    await desk.signOut();
    await settle();

    expect(desk.session.value?.state).toBe("signedOut");
    expect(desk.open).toBeNull();
    expect(desk.list.rows).toEqual([]);
    expect(desk.drafts.textOf(idOf("sam-carter"), null)).toBe("");
  });

  test("begins with the list as soon as the agent is in", async () => {
    const { desk, fake } = await startDesk({ state: "signin" });
    expect(desk.list.rows).toEqual([]);

    const done = desk.session.signIn({
      server: "https://desk.example",
      email: "nora@example.com",
      password: "right",
    });
    fake.advance(1_000);
    await done;
    await settle();

    expect(desk.list.rows).toHaveLength(24);
    expect(desk.connection.value.state).toBe("live");
  });

  test("two presses of the button sign in once", async () => {
    const { desk, fake } = await startDesk({ state: "signin" });
    const signIn = vi.spyOn(fake, "signIn");
    const request = { server: "https://desk.example", email: "nora@example.com", password: "wrong" };

    const both = Promise.all([desk.session.signIn(request), desk.session.signIn(request)]);
    fake.advance(1_000);
    expect(await both).toEqual([false, false]);

    expect(signIn).toHaveBeenCalledTimes(1);
    expect(desk.session.failure?.code).toBe("badCredentials");
  });
});

describe("events", () => {
  test("reload asks for everything on screen again", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    const contact = fake.shelf.bySlug("sam-carter");
    if (contact) contact.name = "Samuel Carter";

    fake.emit({ type: "reload" });
    await settle();

    expect(names(desk.list.rows)).toContain("Samuel Carter");
    expect(desk.open?.thread.conversation?.name).toBe("Samuel Carter");
  });

  test("a notification opens its thread", async () => {
    const { desk, fake, idOf } = await startDesk();

    fake.emit({ type: "openConversation", contactId: idOf("pia-sommer") });
    await settle();

    expect(desk.open?.thread.contactId).toBe(idOf("pia-sommer"));
    expect(desk.list.selected).toBe(idOf("pia-sommer"));
  });

  test("the outage stays on the bar while it is tried again", async () => {
    const { desk, fake } = await startDesk({ state: "offline" });
    const since = desk.connection.outage?.since;

    fake.setConnection({ state: "connecting" });
    await settle();

    expect(desk.connection.outage?.since).toBe(since);
  });
});

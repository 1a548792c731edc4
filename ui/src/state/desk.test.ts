import { describe, expect, test, vi } from "vitest";
import { Desk } from "./desk.svelte";
import { PreferencesController } from "./preferences.svelte";
import { fakeDesk, names, settle, startDesk, UTC } from "@/testing/desk";

describe("starting", () => {
  test("asks for the first rows once, before it is known whose they are", async () => {
    const fake = fakeDesk();
    const honest = fake.session.bind(fake);
    let answer = (): void => undefined;
    vi.spyOn(fake, "session").mockImplementationOnce(async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      return honest();
    });
    const conversations = vi.spyOn(fake, "conversations");
    const desk = new Desk(fake, UTC);

    const started = desk.start();
    await settle();
    expect(conversations).toHaveBeenCalledTimes(1);
    answer();
    await started;

    expect(conversations).toHaveBeenCalledTimes(1);
    expect(desk.list.rows.length).toBeGreaterThan(0);
  });

  test("asks again when the team that was shown last is the agent's no more", async () => {
    const fake = fakeDesk();
    const preferences = new PreferencesController();
    preferences.set({ workspace: "a-team-that-was-left" });
    const desk = new Desk(fake, UTC, preferences);

    await desk.start();

    expect(desk.list.workspaceId).toBeNull();
    expect(desk.list.phase).toBe("ready");
    expect(desk.list.rows.length).toBeGreaterThan(0);
  });

  test("shows nobody's rows, and no failure of theirs, while nobody is signed in", async () => {
    const { desk } = await startDesk({ state: "signin" });

    expect(desk.session.signedIn).toBeNull();
    expect(desk.list.rows).toEqual([]);
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

describe("what this machine keeps", () => {
  test("is asked for at the start and whenever it changed, and a notice goes once it was read", async () => {
    const { desk, fake } = await startDesk({ state: "noaccess" });
    expect(desk.standing.localCopy.notices.map(({ kind }) => kind)).toEqual(["accessRemoved"]);

    fake.setLocalCopy({ ...desk.standing.localCopy, diskFull: true });
    await settle();
    expect(desk.standing.localCopy.diskFull).toBe(true);

    await desk.standing.dismissNotice(1);
    expect(desk.standing.localCopy).toEqual({ rebuilding: null, diskFull: true, clock: null, notices: [] });
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

  test("a comparison with Twilio is shown as it came in, and gone with whoever signs out", async () => {
    const { desk, fake } = await startDesk();
    expect(desk.standing.audit).toMatchObject({ checkedAt: "2026-11-21T15:21:00.000Z" });
    expect(desk.standing.audit?.twilio).toBeGreaterThan(0);

    fake.advance(2 * 60_000);
    await settle();
    expect(desk.standing.audit?.checkedAt).toBe("2026-11-21T15:26:00.000Z");
    fake.setAudit({ twilio: 412, here: 411, checkedAt: "2026-11-21T15:27:00Z" });
    await settle();
    expect(desk.standing.audit).toEqual({ twilio: 412, here: 411, checkedAt: "2026-11-21T15:27:00Z" });

    await desk.signOut();
    await settle();
    expect(desk.standing.audit).toBeNull();
  });

  test("the outage stays on the bar while it is tried again", async () => {
    const { desk, fake } = await startDesk({ state: "offline" });
    const since = desk.connection.outage?.since;

    fake.setConnection({ state: "connecting" });
    await settle();

    expect(desk.connection.outage?.since).toBe(since);
  });
});

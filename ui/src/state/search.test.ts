import { describe, expect, test, vi } from "vitest";
import type { Note } from "@/bindings/Note";
import type { SearchPage } from "@/bindings/SearchPage";
import { settle, startDesk } from "@/testing/desk";

const nothing: SearchPage = { contacts: [], messages: [], next: null, indexing: null };

describe("a search", () => {
  test("finds conversations first, then texts, and Enter opens the first", async () => {
    const { desk, idOf } = await startDesk();

    await desk.search.type("maya");

    expect(desk.search.contacts.map(({ name }) => name.text)).toEqual(["Maya Lindqvist"]);
    expect(desk.search.current).toEqual({ contactId: idOf("maya-lindqvist"), at: null });
  });

  test("asks one question at a time, and of what is typed meanwhile only the last", async () => {
    const { desk, fake } = await startDesk();
    const honest = fake.search.bind(fake);
    let release = (): void => undefined;
    const ask = vi.spyOn(fake, "search").mockImplementationOnce(async (query) => {
      await new Promise<void>((resolve) => (release = resolve));
      return honest(query);
    });

    void desk.search.type("m");
    void desk.search.type("ma");
    void desk.search.type("may");
    void desk.search.type("maya");
    await settle();
    expect(ask).toHaveBeenCalledTimes(1);
    expect(desk.search.answered).toBe("");
    release();
    await settle();

    expect(ask.mock.calls.map(([query]) => query.text)).toEqual(["m", "maya"]);
    expect(desk.search.answered).toBe("maya");
    expect(desk.search.contacts).toHaveLength(1);
  });

  test("an answer that comes after the field was emptied shows nothing", async () => {
    const { desk, fake } = await startDesk();
    const honest = fake.search.bind(fake);
    let release = (): void => undefined;
    vi.spyOn(fake, "search").mockImplementationOnce(async (query) => {
      await new Promise<void>((resolve) => (release = resolve));
      return honest(query);
    });

    void desk.search.type("maya");
    await desk.search.type("");
    release();
    await settle();

    expect(desk.search.hits).toEqual([]);
    expect(desk.search.foundNothing).toBe(false);
  });

  test("the keyboard walks over both groups and loads more near the end", async () => {
    const { desk } = await startDesk();
    await desk.search.type("the");
    const first = desk.search.messages.length;
    expect(first).toBe(40);

    desk.search.move(-1);
    expect(desk.search.cursor).toBe(0);
    for (let i = 0; i < 45; i++) {
      desk.search.move(1);
      await settle();
    }

    expect(desk.search.messages.length).toBeGreaterThan(first);
    expect(new Set(desk.search.messages.map(({ id }) => id)).size).toBe(desk.search.messages.length);
    expect(desk.search.current?.at).toBe(desk.search.messages[45 - desk.search.contacts.length]?.id);
  });

  test("turns empty pages by itself until something fits", async () => {
    const { desk, fake } = await startDesk();
    const honest = await fake.search({
      text: "the",
      workspaceId: null,
      utcOffset: 0,
      page: null,
      limit: 1,
    });
    const ask = vi
      .spyOn(fake, "search")
      .mockResolvedValueOnce({ ...nothing, next: "1" })
      .mockResolvedValueOnce({ ...nothing, next: "2" })
      .mockResolvedValueOnce({ ...honest, contacts: [], next: null });

    await desk.search.type("rare");

    expect(ask.mock.calls.map(([query]) => query.page)).toEqual([null, "1", "2"]);
    expect(desk.search.messages).toHaveLength(1);
  });

  test("asks again once the index is complete, and says how far it is before that", async () => {
    const { desk, fake } = await startDesk();
    await desk.search.type("maya");
    const ask = vi.spyOn(fake, "search");

    fake.setIndexing({ done: 10, total: 90 });
    await settle();
    expect(desk.search.indexing).toEqual({ done: 10, total: 90 });
    expect(ask).not.toHaveBeenCalled();
    fake.setIndexing(null);
    await settle();

    expect(ask).toHaveBeenCalledTimes(1);
    expect(desk.search.indexing).toBeNull();
  });

  test("says so when it cannot be answered, and recovers with the next key", async () => {
    const { desk, fake } = await startDesk();
    vi.spyOn(fake, "search").mockRejectedValueOnce(new Error("broken"));

    await desk.search.type("may");
    expect(desk.search.failure).not.toBeNull();
    await desk.search.type("maya");

    expect(desk.search.failure).toBeNull();
    expect(desk.search.contacts).toHaveLength(1);
  });

  test("leaves nothing behind for the next person who signs in", async () => {
    const { desk } = await startDesk();
    await desk.search.type("maya");

    await desk.signOut();

    expect([desk.search.text, desk.search.hits.length, desk.search.isOpen]).toEqual(["", 0, false]);
  });
});

test("labels narrow a search, and are found by themselves", async () => {
  const { desk } = await startDesk();
  const names = () => desk.search.contacts.map(({ name }) => name.text).sort();

  await desk.search.type("label:urg");
  await settle();
  const urgent = names();
  await desk.search.type("label:urgent marcus");
  await settle();

  expect(urgent).toContain("Marcus Bell");
  expect(urgent.length).toBeGreaterThan(1);
  expect(names()).toEqual(["Marcus Bell"]);
});

describe("a thread that a search opened", () => {
  /** Sam's thread, opened at his text number `place`. */
  async function openedAt(place: number) {
    const started = await startDesk();
    const thread = started.fake.shelf.bySlug("sam-carter")?.thread ?? [];
    const wanted = thread[place]?.id ?? "";
    started.desk.openHit({ contactId: started.idOf("sam-carter"), at: wanted });
    await settle();
    const open = started.desk.open?.thread;
    if (!open) throw new Error("no thread is open");
    return { ...started, open, thread, wanted };
  }

  test("stands around the text and grows both ways, each text once and in order", async () => {
    const { open, thread, wanted } = await openedAt(100);
    expect(open.messages.some(({ id }) => id === wanted)).toBe(true);
    expect([open.reachesStart, open.reachesNewest]).toEqual([false, false]);

    for (let i = 0; i < 20; i++) {
      await open.loadNewer();
      await open.loadOlder();
    }

    expect(open.messages.map(({ id }) => id)).toEqual(thread.map(({ id }) => id));
    expect([open.reachesStart, open.reachesNewest]).toEqual([true, true]);
  });

  test("takes in no new text before its page comes, but counts it", async () => {
    const { open, fake } = await openedAt(100);
    open.setAtNewest(false);
    const before = open.messages.length;

    fake.receive("sam-carter", "far below");
    await settle();

    expect([open.messages.length, open.newBelow]).toEqual([before, 1]);
  });

  test("has the notes of its stretch, and each once when it has grown to both ends", async () => {
    const { open, fake, thread, idOf, desk } = await openedAt(100);
    const contact = fake.shelf.bySlug("sam-carter");
    const noteAt = (place: number): Note => ({
      id: `note-${String(place)}`,
      contactId: idOf("sam-carter"),
      content: "A note",
      authorId: "kim",
      mine: false,
      mentions: [],
      createdAt: new Date(Date.parse(thread[place]?.createdAt ?? "") + 1).toISOString(),
      editedAt: null,
      waiting: false,
    });
    if (contact) contact.notes = [3, 99, 100, 180, thread.length - 1].map(noteAt);
    await desk.handle({ type: "reload" });
    await settle();
    const shown = () => open.notes.map(({ id }) => id);
    expect(shown()).toEqual(["note-99", "note-100"]);

    // A colleague's note far below, and one right here.
    contact?.notes.push(noteAt(170), noteAt(101));
    await open.refreshNotes(["note-170", "note-101"]);
    expect(shown()).toEqual(["note-99", "note-100", "note-101"]);
    contact?.notes.sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
    for (let i = 0; i < 20; i++) {
      await open.loadNewer();
      await open.loadOlder();
    }

    expect(shown()).toEqual(contact?.notes.map(({ id }) => id));
  });

  test("goes to the newest when the agent writes a note", async () => {
    const { open, idOf, fake } = await openedAt(100);

    open.noted(await fake.addNote(idOf("sam-carter"), "Called him"));
    await settle();

    expect(open.notes.at(-1)?.content).toBe("Called him");
    expect(open.reachesNewest).toBe(true);
  });

  test("is read only when its newest texts are reached", async () => {
    const { desk, fake, open } = await openedAt(100);
    desk.setWindowFocused(true);
    fake.receive("sam-carter", "unread");
    await settle();
    expect(fake.shelf.bySlug("sam-carter")?.unread).toBe(1);

    await open.jumpToNewest();
    await settle();

    expect(fake.shelf.bySlug("sam-carter")?.unread).toBe(0);
    expect(open.messages.at(-1)?.content).toBe("unread");
  });

  test("keeps its place when everything is loaded again", async () => {
    const { fake, open, wanted } = await openedAt(100);

    fake.emit({ type: "reload" });
    await settle();

    expect(open.messages.some(({ id }) => id === wanted)).toBe(true);
    expect(open.reachesNewest).toBe(false);
  });

  test("goes to the newest when the agent writes", async () => {
    const { desk, open, idOf, fake } = await openedAt(100);

    const message = await fake.sendMessage(idOf("sam-carter"), "Hello again", [], "a-new-id");
    desk.open?.thread.wrote(message);
    await settle();

    expect(open.messages.at(-1)?.content).toBe("Hello again");
    expect(open.reachesNewest).toBe(true);
  });

  test("opens at its newest when the text is gone", async () => {
    const { desk, idOf } = await startDesk();

    desk.openHit({ contactId: idOf("sam-carter"), at: "01935b2e-0000-7000-8000-00000000ffff" });
    await settle();

    expect(desk.open?.thread.phase).toBe("ready");
    expect(desk.open?.thread.reachesNewest).toBe(true);
  });
});

test("private notes are found, by what they say and by who wrote them, and open their thread at the note", async () => {
  const { desk, idOf } = await startDesk();

  await desk.search.type("hook from:kim");
  await settle();

  const [found] = desk.search.messages;
  expect(desk.search.messages).toHaveLength(1);
  expect([found?.note, found?.contactId]).toEqual([true, idOf("maya-lindqvist")]);
  expect(desk.teams.nameOf(found?.authorId ?? null)).toBe("Kim Andersen");
  const hit = desk.search.current;
  if (hit === null) throw new Error("nothing can be opened");
  desk.openHit(hit);
  await settle();
  expect(desk.open?.thread.at).toBe(found?.id);
  expect(desk.open?.thread.notes.some(({ id }) => id === found?.id)).toBe(true);
});

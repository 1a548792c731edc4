import { describe, expect, test, vi } from "vitest";
import { CommandError } from "@/backend/errors";
import { KIM, labels, ME } from "@/backend/fake/team";
import { names, settle, startDesk } from "@/testing/desk";

const WORKSPACE = "01935b2e-0000-7000-8000-000000000001";

async function openDesk(slug = "owen-fitzgerald", parameters: Record<string, string> = {}) {
  const started = await startDesk(parameters);
  started.desk.openConversation(started.idOf(slug));
  await settle();
  const open = started.desk.open;
  if (open === null) throw new Error("the thread is not open");
  return { ...started, ...open };
}

describe("an agent", () => {
  test("assigns a conversation, and the views follow at once", async () => {
    const { desk, thread, acting } = await openDesk("kwame-mensah");
    await desk.list.setFilter("unassigned");
    expect(names(desk.list.rows)).toContain("Kwame Mensah");

    await acting.assign(ME);
    await settle();

    expect(thread.conversation?.assignedTo).toBe(ME);
    await desk.list.setFilter("mine");
    expect(names(desk.list.rows)).toEqual(["Maya Lindqvist", "Owen Fitzgerald", "Kwame Mensah"]);
    await acting.assign(KIM);
    await settle();
    desk.closeConversation();
    await settle();
    expect(names(desk.list.rows)).toEqual(["Maya Lindqvist", "Owen Fitzgerald"]);
  });

  test("closes a conversation and reopens it", async () => {
    const { thread, acting } = await openDesk();

    await acting.closeOrReopen();
    await settle();
    expect(thread.conversation?.status).toBe("Closed");

    await acting.closeOrReopen();
    await settle();
    expect(thread.conversation?.status).toBe("Open");
  });

  test("snoozes a conversation until a moment, and opens it before", async () => {
    const { fake, thread, acting } = await openDesk();
    const until = fake.now() + 3_600_000;

    await acting.snooze(until);
    await settle();
    expect(thread.conversation?.status).toBe("Snoozed");
    expect(Date.parse(thread.conversation?.snoozedUntil ?? "")).toBe(until);

    await acting.closeOrReopen();
    await settle();
    expect(thread.conversation?.snoozedUntil).toBeNull();
  });

  test("puts labels on and takes them off, and looks at one of them", async () => {
    const { desk, thread, acting } = await openDesk();
    const urgent = labels.find(({ name }) => name === "Urgent")?.id ?? "";

    await acting.toggleLabel(urgent);
    await settle();
    const conversation = thread.conversation;
    expect(conversation && desk.teams.labelsOn(conversation).map(({ name }) => name)).toEqual(["Urgent"]);
    await desk.list.setFilter("all", urgent);
    expect(names(desk.list.rows)).toContain("Owen Fitzgerald");

    await acting.toggleLabel(urgent);
    await settle();
    desk.closeConversation();
    await settle();
    expect(names(desk.list.rows)).not.toContain("Owen Fitzgerald");
  });

  test("marks a conversation unread by leaving it, and it stays so", async () => {
    const { desk, fake, idOf } = await openDesk();
    desk.setWindowFocused(true);
    await settle();

    await desk.markUnread();
    await settle();

    expect(desk.open).toBeNull();
    expect(desk.list.row(idOf("owen-fitzgerald"))?.unreadCount).toBe(1);
    expect(fake.shelf.bySlug("owen-fitzgerald")?.unread).toBe(1);
  });

  test("hears why something cannot be done at all, and nothing changes", async () => {
    const { thread, acting } = await openDesk();

    expect(await acting.rename("  ")).toBe(false);

    expect(acting.failure?.sentence).toBe("A name is missing.");
    expect(thread.conversation?.name).toBe("Owen Fitzgerald");
    expect(await acting.rename("Owen F.")).toBe(true);
    expect(acting.failure).toBeNull();
  });

  test("sees what the server refused taken back, with its reason, until it was read", async () => {
    const { desk, fake, thread, acting } = await openDesk();
    fake.refuseNext("This contact is no longer there.");

    await acting.rename("Owen F.");
    await settle();
    expect(thread.conversation?.name).toBe("Owen F.");
    fake.advance(1_000);
    await settle();

    expect(thread.conversation?.name).toBe("Owen Fitzgerald");
    expect(desk.standing.takenBack.map(({ reason, action }) => [action.type, reason])).toEqual([
      ["renameContact", "This contact is no longer there."],
    ]);
    const [one] = desk.standing.takenBack;
    if (one) await desk.dismissTakenBack(one);
    await settle();
    expect(desk.standing.takenBack).toEqual([]);
  });
});

describe("a private note", () => {
  test("stands in the thread at once and is not among its texts", async () => {
    const { thread, acting } = await openDesk();
    const texts = thread.messages.length;
    acting.writeNote("Ask about the pads.");

    await acting.addNote();

    expect(thread.notes.map(({ content, waiting }) => [content, waiting])).toEqual([
      ["Ask about the pads.", true],
    ]);
    expect(thread.messages).toHaveLength(texts);
    expect(acting.note).toBe("");
  });

  test("is rewritten and deleted by its author alone", async () => {
    const { thread, acting } = await openDesk("maya-lindqvist");
    const [kims, mine] = thread.notes;
    expect([kims?.mine, mine?.mine]).toEqual([false, true]);

    expect(await acting.editNote(kims?.id ?? "", "Mine now")).toBe(false);
    expect(acting.failure?.sentence).toBe("Only its author can change a note.");
    await acting.editNote(mine?.id ?? "", "The key is with Kim.");
    await settle();
    expect(thread.notes[1]?.content).toBe("The key is with Kim.");
    expect(thread.notes[1]?.editedAt).not.toBeNull();
    await acting.deleteNote(mine?.id ?? "");
    await settle();
    expect(thread.notes).toHaveLength(1);
  });

  test("that was begun is there when the conversation is opened again", async () => {
    const { desk, idOf, acting } = await openDesk();
    acting.writeNote("Half a thou");

    desk.openConversation(idOf("maya-lindqvist"));
    await settle();
    desk.openConversation(idOf("owen-fitzgerald"));
    await settle();

    expect(desk.open?.acting.note).toBe("Half a thou");
    expect(desk.open?.acting.notes).toBe(true);
  });

  test("that is refused stays in its field", async () => {
    const { fake, acting } = await openDesk();
    vi.spyOn(fake, "addNote").mockRejectedValueOnce(
      new CommandError("refused", "A note can have 10,000 characters at most."),
    );
    acting.writeNote("A very long one");

    expect(await acting.addNote()).toBe(false);

    expect(acting.note).toBe("A very long one");
    expect(acting.failure?.sentence).toBe("A note can have 10,000 characters at most.");
  });

  test("comes with its stretch of the thread, and with events", async () => {
    const { desk, fake, idOf, thread } = await openDesk("sam-carter");
    const contact = fake.shelf.bySlug("sam-carter");
    const old = contact?.thread[10];
    if (!contact || !old) throw new Error("a long thread has an eleventh text");
    contact.notes.push({
      id: "a-note",
      contactId: contact.contactId,
      content: "From long ago",
      authorId: KIM,
      mine: false,
      mentions: [],
      createdAt: old.createdAt,
      editedAt: null,
      waiting: false,
    });

    fake.emit({ type: "notesChanged", contactId: idOf("sam-carter"), noteIds: ["a-note"] });
    await settle();
    expect(thread.notes).toEqual([]);

    while (!thread.reachesStart) await thread.loadOlder();
    expect(thread.notes.map(({ content }) => content)).toEqual(["From long ago"]);
    expect(desk.teams.member(WORKSPACE, KIM)?.name).toBe("Kim Andersen");
  });
});

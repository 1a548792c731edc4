import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { settle, startDesk } from "@/testing/desk";
import { SAVE_AFTER_MS } from "./drafts.svelte";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a draft", () => {
  test("is handed over once typing pauses", async () => {
    const { desk, fake, idOf } = await startDesk();
    const save = vi.spyOn(fake, "saveDraft");
    desk.openConversation(idOf("sam-carter"));
    await settle();

    desk.open?.composer.write("H");
    desk.open?.composer.write("Hello");
    expect(save).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);

    expect(save.mock.calls).toEqual([[idOf("sam-carter"), "Hello"]]);
  });

  test("is handed over while keys follow each other without a pause", async () => {
    const { desk, fake, idOf } = await startDesk();
    const save = vi.spyOn(fake, "saveDraft");
    desk.openConversation(idOf("sam-carter"));
    await settle();

    for (let keys = 1; keys <= 10; keys++) {
      desk.open?.composer.write("x".repeat(keys));
      await vi.advanceTimersByTimeAsync(100);
    }

    expect(save.mock.calls.map(([, text]) => text.length)).toEqual([4, 8]);
  });

  test("that was edited at another desktop is taken over, but not over what is being typed", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    desk.open?.composer.write("begun here");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);

    fake.editElsewhere("sam-carter", "begun here, and ended there");
    await settle();
    expect(desk.open?.composer.text).toBe("begun here, and ended there");

    desk.open?.composer.write("begun here, and typed on");
    fake.editElsewhere("sam-carter", "");
    await settle();
    expect(desk.open?.composer.text).toBe("begun here, and typed on");
  });

  test("that was sent at another desktop is gone here", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    desk.open?.composer.write("begun here");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);

    fake.editElsewhere("sam-carter", "");
    await settle();

    expect(desk.open?.composer.text).toBe("");
  });

  test("is there again when its conversation is", async () => {
    const { desk, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    desk.open?.composer.write("half a sent");

    desk.openConversation(idOf("maya-lindqvist"));
    await settle();
    expect(desk.open?.composer.text).toBe("");

    desk.openConversation(idOf("sam-carter"));
    await settle();
    expect(desk.open?.composer.text).toBe("half a sent");
  });

  test("of the last run is taken from the engine", async () => {
    const { desk, idOf } = await startDesk();

    desk.openConversation(idOf("joon-park"));
    await settle();

    expect(desk.open?.composer.text).toMatch(/^Hi Joon/);
  });

  test("is handed over at once when the window loses the focus", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.setWindowFocused(true);
    desk.openConversation(idOf("sam-carter"));
    await settle();
    desk.open?.composer.write("Hello");

    desk.setWindowFocused(false);
    await settle();

    expect(fake.shelf.bySlug("sam-carter")?.draft).toBe("Hello");
  });

  test("is cleared for good once the text is kept, also when a save was under way", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    desk.open?.composer.write("Hello");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);
    desk.open?.composer.write("Hello!");

    await desk.open?.composer.send();
    await vi.advanceTimersByTimeAsync(10 * SAVE_AFTER_MS);

    expect(fake.shelf.bySlug("sam-carter")?.draft).toBeNull();
    expect(desk.open?.composer.text).toBe("");
  });

  test("stays in memory when the engine cannot keep it", async () => {
    const { desk, fake, idOf } = await startDesk();
    vi.spyOn(fake, "saveDraft").mockRejectedValue({ code: "internal", message: "The disk is full" });
    desk.openConversation(idOf("sam-carter"));
    await settle();

    desk.open?.composer.write("Hello");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);

    expect(desk.open?.composer.text).toBe("Hello");
  });
});

describe("the draft of a text that is sent", () => {
  /** A desk at one thread, and what its engine has carried out so far. A door that is shut holds calls of its kind back. */
  async function ready() {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    const done: string[] = [];
    const doors = { save: Promise.resolve(), send: Promise.resolve() };
    const save = fake.saveDraft.bind(fake);
    const send = fake.sendMessage.bind(fake);
    vi.spyOn(fake, "saveDraft").mockImplementation(async (contactId, text) => {
      await doors.save;
      done.push(`saved "${text}"`);
      return save(contactId, text);
    });
    vi.spyOn(fake, "sendMessage").mockImplementation(async (contactId, text, attachmentIds, id) => {
      await doors.send;
      done.push(`sent "${text}"`);
      return send(contactId, text, attachmentIds, id);
    });
    const shut = (door: keyof typeof doors) => {
      let open = (): void => undefined;
      doors[door] = new Promise((resolve) => (open = resolve));
      return () => open();
    };
    const composer = desk.open?.composer;
    const contact = fake.shelf.bySlug("sam-carter");
    if (!composer || !contact) throw new Error("no thread is open");
    return { desk, composer, done, shut, contact };
  }

  test("is not handed over any more: the engine has cleared it with the text", async () => {
    const { desk, composer, done } = await ready();
    composer.write("Hello");

    await composer.send();
    await vi.advanceTimersByTimeAsync(10 * SAVE_AFTER_MS);
    await desk.drafts.flushAll();

    expect(done).toEqual(['sent "Hello"']);
  });

  test("is waited for while it is on its way, so that it cannot come back after the text", async () => {
    const { desk, composer, done, shut, contact } = await ready();
    const open = shut("save");
    composer.write("Hello");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);

    const sending = composer.send();
    expect(composer.text).toBe("");
    await settle();
    open();
    await sending;
    await desk.drafts.flushAll();

    expect(done).toEqual(['saved "Hello"', 'sent "Hello"']);
    expect(contact.draft).toBeNull();
  });

  test("makes way for what is typed meanwhile, which is handed over after the text", async () => {
    const { composer, done, shut, contact } = await ready();
    const open = shut("send");
    composer.write("Hello");
    const sending = composer.send();
    composer.write("One more");
    await vi.advanceTimersByTimeAsync(10 * SAVE_AFTER_MS);
    open();
    await sending;
    await settle();

    expect(done).toEqual(['sent "Hello"', 'saved "One more"']);
    expect(contact.draft).toBe("One more");
    expect(composer.text).toBe("One more");
  });

  test("is followed by an empty one only where something was typed and deleted again", async () => {
    const { composer, done, contact } = await ready();
    composer.write("Hello");
    await composer.send();

    composer.write("O");
    composer.write("");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);

    expect(done).toEqual(['sent "Hello"', 'saved ""']);
    expect(contact.draft).toBeNull();
  });

  test("is kept when the text is refused", async () => {
    const { composer, contact } = await ready();
    composer.write("Hello");
    contact.optedOut = true;

    await composer.send();
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);

    expect(composer.text).toBe("Hello");
    expect(contact.draft).toBe("Hello");
  });
});

test("a draft or a note never shows in another conversation, whatever is opened, typed, sent and waited for in between", async () => {
  const slugs = ["maya-lindqvist", "marcus-bell", "sam-carter", "joon-park"] as const;
  const step = fc.oneof(
    fc.record({ kind: fc.constant("open" as const), slug: fc.constantFrom(...slugs) }),
    fc.record({ kind: fc.constant("type" as const), n: fc.nat(999) }),
    fc.record({ kind: fc.constant("note" as const), n: fc.nat(999) }),
    fc.record({ kind: fc.constant("send" as const) }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(2 * SAVE_AFTER_MS) }),
    fc.record({ kind: fc.constant("breathe" as const) }),
    fc.record({ kind: fc.constant("receive" as const), slug: fc.constantFrom(...slugs) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { desk, fake, idOf } = await startDesk({ contacts: "9" });
      for (const slug of slugs) {
        const contact = fake.shelf.bySlug(slug);
        if (contact) contact.draft = null;
      }
      fake.emit({ type: "reload" });
      await settle();
      // Every text that is typed begins with whom it is for.
      const belongs = (text: string, contactId: string) =>
        text === "" || text.startsWith(`for ${contactId}:`);
      const holds = () => {
        if (desk.open) {
          expect(belongs(desk.open.composer.text, desk.open.thread.contactId)).toBe(true);
          expect(belongs(desk.open.acting.note, desk.open.thread.contactId)).toBe(true);
        }
        for (const contact of fake.shelf.contacts) {
          expect(belongs(contact.draft ?? "", contact.contactId)).toBe(true);
          expect(belongs(contact.reply.note, contact.contactId)).toBe(true);
          for (const message of contact.thread)
            if (message.content.startsWith("for "))
              expect(belongs(message.content, contact.contactId)).toBe(true);
        }
      };

      for (const one of steps) {
        if (one.kind === "open") desk.openConversation(idOf(one.slug));
        else if (one.kind === "type")
          desk.open?.composer.write(`for ${desk.open.thread.contactId}: ${one.n}`);
        else if (one.kind === "note")
          desk.open?.acting.writeNote(`for ${desk.open.thread.contactId}: ${one.n}`);
        else if (one.kind === "send") void desk.open?.composer.send();
        else if (one.kind === "wait") await vi.advanceTimersByTimeAsync(one.ms);
        else if (one.kind === "receive") fake.receive(one.slug, "hello");
        else await settle();
        holds();
      }
      await settle();
      await desk.drafts.flushAll();
      holds();
    }),
    { numRuns: 60 },
  );
});

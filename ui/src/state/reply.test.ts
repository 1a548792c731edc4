import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { settle, startDesk } from "@/testing/desk";
import { SAVE_AFTER_MS } from "./drafts.svelte";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("what stands beside the text", () => {
  test("is handed over once typing pauses, and is there when the conversation is opened again", async () => {
    const { desk, fake, idOf } = await startDesk();
    const save = vi.spyOn(fake, "saveReply");
    desk.openConversation(idOf("sam-carter"));
    await settle();

    desk.open?.acting.writeNote("asks");
    desk.open?.acting.writeNote("asks for a refund");
    if (desk.open) desk.open.composer.cancelOnReply = true;
    expect(save).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);

    const set = { cancelOnReply: true, note: "asks for a refund" };
    expect(save.mock.calls).toEqual([[idOf("sam-carter"), set]]);
    desk.openConversation(idOf("maya-lindqvist"));
    await settle();
    expect([desk.open?.acting.note, desk.open?.composer.cancelOnReply]).toEqual(["", false]);
    desk.openConversation(idOf("sam-carter"));
    await settle();
    expect([desk.open?.acting.note, desk.open?.composer.cancelOnReply]).toEqual(["asks for a refund", true]);
  });

  test("is handed over at once when the window loses the focus or another conversation is opened", async () => {
    const { desk, fake, idOf } = await startDesk();
    const kept = () => fake.shelf.bySlug("sam-carter")?.reply.note;
    desk.setWindowFocused(true);
    desk.openConversation(idOf("sam-carter"));
    await settle();

    desk.open?.acting.writeNote("asks");
    desk.setWindowFocused(false);
    await settle();
    expect(kept()).toBe("asks");

    desk.open?.acting.writeNote("asks for a refund");
    desk.openConversation(idOf("maya-lindqvist"));
    await settle();
    expect(kept()).toBe("asks for a refund");
  });

  test("of the last run is taken from the engine, and the note is what the agent goes on with", async () => {
    const { desk, fake, idOf } = await startDesk();
    const contact = fake.shelf.bySlug("sam-carter");
    if (contact) contact.reply = { cancelOnReply: true, note: "asks for a ref" };

    desk.openConversation(idOf("sam-carter"));
    await settle();

    expect([desk.open?.acting.note, desk.open?.composer.cancelOnReply]).toEqual(["asks for a ref", true]);
    await desk.handle({ type: "reload" });
    desk.closeConversation();
    desk.openConversation(idOf("sam-carter"));
    expect(desk.open?.acting.notes).toBe(true);
  });

  test("that was set at another desktop is taken over, but not over what is being typed", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    desk.open?.composer.write("Hello");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);

    fake.setElsewhere("sam-carter", { cancelOnReply: true, note: "from home" });
    await settle();
    expect([desk.open?.acting.note, desk.open?.composer.cancelOnReply]).toEqual(["from home", true]);
    expect(desk.open?.acting.notes, "whoever writes a text goes on with it").toBe(false);
    expect(desk.open?.composer.text).toBe("Hello");

    desk.open?.acting.writeNote("from home, and typed on");
    fake.setElsewhere("sam-carter", { cancelOnReply: false, note: "" });
    await settle();
    expect(desk.open?.acting.note).toBe("from home, and typed on");
  });

  test("that was typed while the engine told of another version is not taken away", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    const ask = fake.conversation.bind(fake);
    vi.spyOn(fake, "conversation").mockImplementationOnce(async (contactId) => {
      const asked = await ask(contactId);
      await held;
      return asked;
    });

    fake.setElsewhere("sam-carter", { cancelOnReply: false, note: "from home" });
    await settle();
    desk.open?.composer.write("Hello");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);
    answer();
    await settle();

    expect(desk.open?.composer.text).toBe("Hello");
  });

  test("goes with the agent who signs out", async () => {
    const { desk, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    desk.open?.acting.writeNote("asks");

    await desk.signOut();
    await settle();

    expect(desk.drafts.replyOf(idOf("sam-carter"), null)).toEqual({ cancelOnReply: false, note: "" });
  });

  test("stays with a text that is sent as far as it is a note, also when it was not handed over yet", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    const composer = desk.open?.composer;
    if (composer) composer.cancelOnReply = true;
    composer?.write("Hello");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);
    desk.open?.acting.writeNote("asks");

    await composer?.sendLater(Date.parse("2026-11-22T09:00:00Z"));
    expect([desk.open?.acting.note, composer?.cancelOnReply]).toEqual(["asks", false]);
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);

    expect(fake.shelf.bySlug("sam-carter")?.reply).toEqual({ cancelOnReply: false, note: "asks" });
  });

  test("comes back with a text that is refused", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("sam-carter"));
    await settle();
    const composer = desk.open?.composer;
    const contact = fake.shelf.bySlug("sam-carter");
    if (composer) composer.cancelOnReply = true;
    composer?.write("Hello");
    if (contact) contact.optedOut = true;

    await composer?.sendLater(Date.parse("2026-11-22T09:00:00Z"));

    expect([composer?.text, composer?.cancelOnReply]).toEqual(["Hello", true]);
  });
});

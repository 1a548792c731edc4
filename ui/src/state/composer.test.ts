import { describe, expect, test, vi } from "vitest";
import type { Message } from "@/bindings/Message";
import { KIM } from "@/backend/fake/team";
import { NOW, settle, startDesk } from "@/testing/desk";

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

  test("a text is in the thread at once, and the same bubble once the engine has kept it", async () => {
    const { desk, fake } = await ready();
    const before = desk.open?.thread.messages.length ?? 0;
    const honest = fake.sendMessage.bind(fake);
    let keep = (): void => undefined;
    vi.spyOn(fake, "sendMessage").mockImplementationOnce(async (...asked) => {
      await new Promise<void>((resolve) => (keep = resolve));
      return honest(...asked);
    });
    desk.open?.composer.write("At once");

    const sending = desk.open?.composer.send();
    const shown = newest(desk.open?.thread.messages);
    expect(shown).toMatchObject({ content: "At once", state: "waiting", mine: true });

    await settle();
    keep();
    const kept = await sending;
    await settle();
    expect(kept?.id).toBe(shown?.id);
    expect(desk.open?.thread.messages).toHaveLength(before + 1);
    expect(newest(desk.open?.thread.messages)?.authorId).toBe(shown?.authorId);
  });

  test("a text that could not be kept is not left in the thread", async () => {
    const { desk, fake } = await ready();
    const before = desk.open?.thread.messages;
    fake.setLocalCopy({ ...desk.standing.localCopy, diskFull: true });
    desk.open?.composer.write("Nowhere to keep it");

    await desk.open?.composer.send();

    expect(desk.open?.thread.messages).toEqual(before);
    expect(desk.open?.composer.text).toBe("Nowhere to keep it");
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
      await settle();
      await desk.open?.composer.send();
    }
    expect(send).not.toHaveBeenCalled();

    desk.open?.composer.write("😀".repeat(1_600));
    await settle();
    expect(desk.open?.composer.canSend).toBe(true);
  });

  test("a late answer about an older text is dropped", async () => {
    const { desk, fake } = await ready();
    const honest = fake.outlook.bind(fake);
    let release = (): void => undefined;
    vi.spyOn(fake, "outlook").mockImplementationOnce(async (contactId, text) => {
      await new Promise<void>((resolve) => (release = resolve));
      return honest(contactId, text);
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

  test("a held text is taken back into the composer, and what cannot be taken back says why", async () => {
    const { desk, fake, idOf } = await startDesk({ state: "held" });
    desk.openConversation(idOf("maya-lindqvist"));
    await settle();
    const held = desk.open?.thread.messages.find(({ state }) => state === "held");
    expect(held?.failure?.explanation).not.toBe("");

    await desk.open?.composer.takeBack(held?.id ?? "");
    await settle();
    expect(desk.open?.composer.text).toBe(held?.content);
    expect(desk.open?.thread.messages).not.toContainEqual(expect.objectContaining({ id: held?.id }));
    expect(fake.shelf.bySlug("maya-lindqvist")?.draft).toBe(held?.content);

    const delivered = desk.open?.thread.messages.find(({ state }) => state === "delivered");
    await desk.open?.composer.takeBack(delivered?.id ?? "");
    expect(desk.open?.composer.failure?.code).toBe("alreadySent");
    expect(desk.open?.composer.text).toBe(held?.content);
  });

  test("a failed text is retried, a parked one discarded", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("hannah-osei"));
    await settle();
    const open = desk.open;
    const parked = newest(open?.thread.messages);
    expect(parked?.failure?.canDiscard).toBe(true);

    await open?.undelivered.retry(parked?.id ?? "");
    await settle();
    expect(newest(open?.thread.messages)?.state).toBe("waiting");

    desk.openConversation(idOf("marcus-bell"));
    await settle();
    const failed = newest(desk.open?.thread.messages);
    await desk.open?.undelivered.discard(failed?.id ?? "");
    expect(desk.open?.undelivered.failures.get(failed?.id ?? "")?.code).toBe("alreadySent");
    fake.advance(0);
  });

  test("a discarded text is gone", async () => {
    const { desk, idOf } = await startDesk();
    desk.openConversation(idOf("hannah-osei"));
    await settle();
    const open = desk.open;
    const id = newest(open?.thread.messages)?.id ?? "";

    await open?.undelivered.discard(id);

    expect(open?.thread.messages.some((message) => message.id === id)).toBe(false);
  });
});

describe("a text for later", () => {
  test("of which a colleague's answer is told first leaves at its time all the same", async () => {
    const { desk, fake, idOf } = await startDesk();
    desk.openConversation(idOf("owen-fitzgerald"));
    await settle();
    const open = desk.open;
    open?.composer.write("Tomorrow then");
    await settle();
    fake.colleague(KIM, "owen-fitzgerald", "typing");
    await settle();
    const at = NOW + 20 * 3_600_000;

    await open?.composer.sendLater(at);
    expect(open?.composer.asks).toBe(true);
    await open?.composer.send(true);
    await settle();

    expect(open?.later.texts.map(({ sendAt }) => sendAt)).toEqual([new Date(at).toISOString()]);
  });
});

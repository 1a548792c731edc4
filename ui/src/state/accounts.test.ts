import { describe, expect, test } from "vitest";
import { settle, startDesk } from "@/testing/desk";

describe("several accounts", () => {
  test("are one window: whoever switches leaves nothing of the one behind, and keeps what was typed there", async () => {
    const { desk, fake, idOf } = await startDesk({ state: "accounts" });
    desk.openConversation(idOf("owen-fitzgerald"));
    await settle();
    desk.open?.composer.write("half a senten");

    await desk.switchAccount(1);
    await settle();

    expect(desk.session.signedIn?.email).toBe("nora@westside-bikes.example");
    expect(desk.open).toBeNull();
    expect(fake.shelf.bySlug("owen-fitzgerald")?.draft).toBe("half a senten");
    expect(desk.accounts.map(({ current }) => current)).toEqual([false, true]);
  });

  test("a thread that is asked for right after the switch stays open", async () => {
    const { desk, fake, idOf } = await startDesk({ state: "accounts" });

    await fake.switchAccount(1);
    fake.emit({ type: "openConversation", contactId: idOf("sam-carter") });
    await settle();

    expect(desk.open?.thread.contactId).toBe(idOf("sam-carter"));
    expect(desk.session.signedIn?.email).toBe("nora@westside-bikes.example");
  });

  test("signing out of one goes on with the other", async () => {
    const { desk } = await startDesk({ state: "accounts" });

    await desk.signOut();
    await settle();

    expect(desk.session.signedIn?.email).toBe("nora@westside-bikes.example");
  });

  test("signing out of the only one asks who is next", async () => {
    const { desk } = await startDesk();

    await desk.signOut();
    await settle();

    expect(desk.session.value?.state).toBe("signedOut");
  });

  test("figures of the others are told", async () => {
    const { desk, fake } = await startDesk({ state: "accounts" });
    expect(desk.accounts[1]?.unread).toBe(3);

    fake.emit({ type: "accountsChanged" });
    await settle();

    expect(desk.accounts).toHaveLength(2);
  });
});

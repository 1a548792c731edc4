import { describe, expect, test, vi } from "vitest";
import { settle, startDesk } from "@/testing/desk";

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

    expect(desk.list.rows).toHaveLength(22);
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

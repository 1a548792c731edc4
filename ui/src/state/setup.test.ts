import { describe, expect, test } from "vitest";
import { settle, startDesk } from "@/testing/desk";

const owner = { role: "owner", state: "notwilio" };

describe("the first start of a team", () => {
  test("begins by itself for its owner, at the first thing that is missing", async () => {
    const { desk } = await startDesk(owner);

    expect(desk.setup?.isOpen).toBe(true);
    expect(desk.setup?.step).toBe("connect");
    expect([...(desk.setup?.done ?? [])]).toEqual(["invite"]);
  });

  test("goes on where it was left, and is offered until it is ended", async () => {
    const { desk } = await startDesk(owner);
    const setup = desk.setup;
    await setup?.admin.connectTwilio("AC", "right");
    setup?.leave();
    expect(setup?.isUnderWay).toBe(true);

    setup?.open();
    expect(setup?.step).toBe("numbers");
    setup?.end();

    expect(setup?.isUnderWay).toBe(false);
    expect(setup?.isOpen).toBe(false);
  });

  test("sends the test text once the contact has come with the feed, and follows it", async () => {
    const { desk, fake } = await startDesk(owner);
    const setup = desk.setup;
    await setup?.admin.connectTwilio("AC", "right");

    await setup?.sendTest("+1 555 010 0777");
    expect(setup?.test).toBeNull();
    expect(setup?.sending).toBe(true);
    fake.advance(300);
    await settle();
    expect(setup?.test?.state).toBe("waiting");
    fake.advance(5_000);
    await settle();

    expect(setup?.test?.state).toBe("delivered");
    expect(setup?.done.has("test")).toBe(true);
  });

  test("says why the test text could not be sent", async () => {
    const { desk } = await startDesk(owner);

    await desk.setup?.sendTest("nobody");

    expect(desk.setup?.sending).toBe(false);
    expect(desk.setup?.test).toBeNull();
    expect(desk.setup?.failure?.sentence ?? "").not.toBe("");
  });

  test("is nothing for agents, nor for a team that texts already", async () => {
    const agent = await startDesk({ state: "notwilio" });
    const settled = await startDesk({ role: "owner" });

    expect(agent.desk.setup).toBeNull();
    expect(settled.desk.setup?.isOpen).toBe(false);
    expect(settled.desk.setup?.isUnderWay).toBe(false);
  });
});

import { expect, test, vi } from "vitest";
import { KIM, RAFA, WORKSPACE } from "@/backend/fake/team";
import { settle, startDesk } from "@/testing/desk";

async function ready() {
  const { desk, fake, idOf } = await startDesk();
  desk.openConversation(idOf("sam-carter"));
  await settle();
  const composer = desk.open?.composer;
  if (!composer) throw new Error("no thread is open");
  return { desk, fake, composer, sam: idOf("sam-carter") };
}

test("who looks and who writes is known, whoever writes first, and forgotten when they leave", async () => {
  const { desk, fake, sam } = await ready();

  fake.colleague(KIM, "sam-carter", "viewing");
  fake.colleague(RAFA, "sam-carter", "typing");
  await settle();
  expect(desk.colleagues.busyWith(sam).map(({ userId, typing }) => [userId, typing])).toEqual([
    [RAFA, true],
    [KIM, false],
  ]);
  expect(desk.colleagues.presenceOf(WORKSPACE, RAFA)).toBe("away");

  fake.colleague(KIM, "sam-carter", "gone");
  fake.advance(6_000);
  await settle();
  expect(desk.colleagues.busyWith(sam).map(({ typing }) => typing)).toEqual([false]);
});

test("the agent is told before sending when a colleague writes, and sends when they say so", async () => {
  const { fake, composer } = await ready();
  fake.colleague(KIM, "sam-carter", "typing");
  await settle();
  composer.write("Hello");
  await settle();

  expect(await composer.send()).toBeNull();
  expect([composer.asks, composer.text]).toEqual([true, "Hello"]);
  expect(composer.claim).toEqual({ type: "typing", userId: KIM });

  expect((await composer.send(true))?.content).toBe("Hello");
  expect([composer.asks, composer.claim, composer.text]).toEqual([false, null, ""]);
});

test("the agent is told of an answer that came since they began to write, and of none before that", async () => {
  const { fake, composer } = await ready();
  fake.answerAs(KIM, "sam-carter", "We open at nine.");
  await settle();
  fake.advance(1_000);
  composer.write("We open");
  await settle();
  expect(composer.claim).toBeNull();

  fake.advance(1_000);
  fake.answerAs(RAFA, "sam-carter", "At ten on Sundays.");
  await settle();

  expect(await composer.send()).toBeNull();
  expect(composer.claim).toMatchObject({ type: "answered", userId: RAFA, text: "At ten on Sundays." });
  composer.keep();
  expect([composer.asks, composer.text]).toEqual([false, "We open"]);
});

test("a question is over when whoever wrote has stopped", async () => {
  const { fake, composer } = await ready();
  fake.colleague(KIM, "sam-carter", "typing");
  composer.write("Hello");
  await settle();
  await composer.send();
  expect(composer.asks).toBe(true);

  fake.advance(6_000);
  await settle();

  expect(composer.asks).toBe(false);
  expect(await composer.send()).not.toBeNull();
});

test("keys are told at once and then once a second, and so is that nothing is left of the text", async () => {
  const { fake, composer, sam } = await ready();
  const typing = vi.spyOn(fake, "typing");

  for (const text of ["H", "He", "Hel"]) composer.write(text);
  fake.advance(1_000);
  composer.write("Hell");
  composer.write("");
  composer.write("");

  expect(typing.mock.calls).toEqual([
    [sam, false],
    [sam, false],
    [sam, true],
  ]);
});

import { expect, test } from "vitest";
import { settle, startDesk } from "@/testing/desk";

async function writing(text: string, slug = "owen-fitzgerald") {
  const { desk, fake, idOf } = await startDesk();
  desk.openConversation(idOf(slug));
  await settle();
  const open = desk.open;
  if (open === null) throw new Error("no thread is open");
  open.composer.write(text);
  await settle();
  return { ...open, fake };
}

test.each([
  ["/", 3],
  ["/ready", 1],
  ["/no such", 0],
  ["a/b", null],
  ["/two\nlines", null],
])("%j offers %s", async (text, offered) => {
  const { replies } = await writing(text);

  expect(replies.typed === null ? null : replies.offered.length).toBe(offered);
});

test("what is picked stands in the composer, with what it lacks named until it is filled in", async () => {
  const { replies, composer } = await writing("/ready");

  expect(await replies.pick()).toBe(true);

  expect(composer.text).toContain("Hi Owen, your {{attribute.bike}} is ready.");
  expect(replies.lacks).toEqual(["attribute.bike"]);
  composer.write(composer.text.replace("{{attribute.bike}}", "Trek"));
  expect(replies.lacks).toEqual([]);
});

test("a reply that cannot be filled in says why, and the text stays", async () => {
  const { replies, composer, fake } = await writing("/ready");
  fake.fillReply = () => Promise.reject(new Error("gone"));

  expect(await replies.pick()).toBe(false);

  expect(composer.text).toBe("/ready");
  expect(composer.failure?.code).toBe("internal");
});

import { expect, test } from "vitest";
import { Told } from "./told";

test("an answer that was overtaken by an event is dropped", async () => {
  const values: string[] = [];
  const told = new Told<string>((value) => values.push(value));
  let answer: (value: string) => void = () => undefined;
  const asked = told.ask(() => new Promise((resolve) => (answer = resolve)));

  told.tell("live");
  answer("connecting");
  await asked;

  expect(values).toEqual(["live"]);
});

test("an answer that nothing overtook is taken", async () => {
  const values: number[] = [];
  const told = new Told<number>((value) => values.push(value));

  told.tell(1);
  await told.ask(() => Promise.resolve(2));

  expect(values).toEqual([1, 2]);
});

import { expect, test, vi } from "vitest";
import { settle, startDesk } from "@/testing/desk";
import type { PaletteAction } from "./palette.svelte";

const action = (name: string): PaletteAction => ({ id: name, name, keys: [], does: () => undefined });
const actions = ["Write a reply", "Close or reopen it", "Go to Mine", "Mark it unread"].map(action);

async function opened() {
  const { desk, fake } = await startDesk();
  desk.palette.open(actions);
  return { palette: desk.palette, desk, fake };
}

test("shows everything that can be done before anything is typed", async () => {
  const { palette } = await opened();

  expect(palette.items.map(({ id }) => id)).toEqual(actions.map(({ id }) => id));
});

test("an action whose name begins so stands above people, and people above other actions and texts", async () => {
  const { palette } = await opened();
  await palette.type("ma");
  await settle();

  const kinds = palette.items.map((item) => (item.kind === "action" ? item.action.name : item.kind));
  expect(kinds[0]).toBe("Mark it unread");
  expect(kinds[1]).toBe("contact");
  expect(kinds.at(-1)).toBe("message");
});

test("the keyboard goes round, and begins anew with what is typed", async () => {
  const { palette } = await opened();
  palette.move(-1);
  expect(palette.current?.id).toBe("Mark it unread");

  await palette.type("owen");
  await settle();
  expect(palette.cursor).toBe(0);
  expect(palette.current?.kind).toBe("contact");

  palette.close();
  expect(palette.search.text).toBe("");
});

test("a ledger is asked for once for each state, and never of a text that only this machine has", async () => {
  const { desk, fake, idOf } = await startDesk({ state: "offline" });
  const ledger = vi.spyOn(fake, "ledger");
  desk.openConversation(idOf("maya-lindqvist"));
  await settle();
  const ledgers = desk.open?.ledgers;
  const waiting = desk.open?.thread.messages.find(({ state }) => state === "waiting");
  const delivered = desk.open?.thread.messages.find(({ state }) => state === "delivered");
  if (!ledgers || !waiting || !delivered) throw new Error("the thread has no such texts");

  await ledgers.look(waiting);
  expect(ledger).not.toHaveBeenCalled();
  await ledgers.look(delivered);
  expect(ledgers.of(delivered.id)?.phase).toBe("failed");

  fake.setConnection({ state: "live" });
  await ledgers.look(delivered);
  await ledgers.look(delivered);
  expect(ledger).toHaveBeenCalledTimes(2);
  const known = ledgers.of(delivered.id);
  expect(known?.phase === "here" && known.lines.length).toBe(3);
});

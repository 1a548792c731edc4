// What the palette can do at this moment: the keys' actions that make sense now, the views, labels, teams and the appearance.

import { tick } from "svelte";
import type { KeyAction } from "@/lib/keyboard";
import type { Desk } from "@/state/desk.svelte";
import type { PaletteAction } from "@/state/palette.svelte";
import type { Theme, ThemeController } from "@/state/theme.svelte";
import { t, type Word } from "@/lib/words";
import { views } from "./filters";

/** Words without anything to fill in. */
type PlainWord =
  | "palette.assignMe"
  | "palette.quiet"
  | "attach.button"
  | "emoji.button"
  | "later.button"
  | "act.mute"
  | "act.rename"
  | "act.block"
  | "panel.merge"
  | "agent.addAccount"
  | "agent.signOut";

/** What a key does, with the key; those of a thread only while one is open. */
const keyed: readonly [
  action: KeyAction,
  word: Word & `keys.${string}`,
  keys: readonly string[],
  thread: boolean,
][] = [
  ["reply", "keys.reply", ["R"], true],
  ["note", "keys.note", ["N"], true],
  ["assign", "keys.assign", ["A"], true],
  ["label", "keys.label", ["L"], true],
  ["snooze", "keys.snooze", ["S"], true],
  ["close", "keys.close", ["E"], true],
  ["unread", "keys.unread", ["U"], true],
  ["panel", "keys.panel", ["I"], true],
  ["search", "keys.search", ["/"], false],
  ["sheet", "keys.sheet", ["?"], false],
];

/** What has a button and no key: the buttons on the way there, by their test ids, the last one being the thing itself. */
const buttons: readonly (readonly [word: PlainWord, way: readonly string[]])[] = [
  ["palette.assignMe", ["assign-menu", "assign-me"]],
  ["attach.button", ["attach"]],
  ["emoji.button", ["emoji-button"]],
  ["later.button", ["later"]],
  ["act.mute", ["more-menu", "mute"]],
  ["act.rename", ["more-menu", "rename"]],
  ["act.block", ["more-menu", "block"]],
  ["panel.merge", ["panel-merge"]],
  ["palette.quiet", ["agent-menu", "quiet-on"]],
  ["agent.addAccount", ["agent-menu", "add-account"]],
  ["agent.signOut", ["agent-menu", "sign-out"]],
];

const buttonOf = (id: string) => document.querySelector<HTMLButtonElement>(`[data-testid=${id}]`);

/** Whether the first button is there and can be pressed. */
function isThere([first]: readonly string[]): boolean {
  const button = first === undefined ? null : buttonOf(first);
  return button !== null && !button.disabled;
}

async function press(way: readonly string[]): Promise<void> {
  for (const id of way) {
    buttonOf(id)?.click();
    await tick();
  }
}

/** The menu has the other item while it is quiet. */
const endsQuiet = (id: string) => (id === "quiet-on" ? "quiet-off" : id);

/** What it is called as things stand. */
function nameOf(word: PlainWord, desk: Desk): string {
  const conversation = desk.open?.thread.conversation;
  if (word === "act.mute" && conversation?.muted === true) return t("act.unmute");
  if (word === "act.block" && conversation?.blocked === true) return t("act.unblock");
  if (word === "palette.quiet" && desk.settings.isQuiet(desk.now)) return t("palette.notQuiet");
  return t(word);
}

const themes: readonly Theme[] = ["system", "light", "dark"];

export function actionsNow(
  desk: Desk,
  theme: ThemeController,
  carryOut: (action: KeyAction) => void,
): PaletteAction[] {
  const open = desk.open !== null;
  const { outbox } = desk.counts;
  const teams = desk.session.signedIn?.workspaces ?? [];
  return [
    ...keyed
      .filter(([, , , thread]) => open || !thread)
      .map(([action, word, keys]) => ({ id: action, name: t(word), keys, does: () => carryOut(action) })),
    ...buttons
      .filter(([, way]) => isThere(way))
      .map(([word, way]) => ({
        id: way.join("-"),
        name: nameOf(word, desk),
        keys: [],
        does: () => void press(desk.settings.isQuiet(desk.now) ? way.map(endsQuiet) : way),
      })),
    ...(outbox.texts.length === 0
      ? []
      : [{ id: "outbox", name: t("outbox.title"), keys: [], does: () => outbox.open() }]),
    ...views.map(({ filter }) => ({
      id: `view-${filter}`,
      name: t("palette.view", t(`filter.${filter}`)),
      keys: [],
      does: () => void desk.list.setFilter(filter),
    })),
    ...desk.teams.labels.map(({ id, name }) => ({
      id: `label-${id}`,
      name: t("palette.view", name),
      keys: [],
      does: () => void desk.list.setFilter("all", id),
    })),
    ...(teams.length > 1 ? teams : []).map(({ id, name }) => ({
      id: `team-${id}`,
      name: t("palette.team", name),
      keys: [],
      does: () => void desk.showTeam(id),
    })),
    ...themes.map((one) => ({
      id: `theme-${one}`,
      name: `${t("agent.theme")}: ${t(`agent.theme.${one}`)}`,
      keys: [],
      does: () => theme.set(one),
    })),
    {
      id: "away",
      name: t("agent.away"),
      keys: [],
      does: () => void desk.colleagues.setAway(!desk.colleagues.value.away),
    },
    { id: "settings", name: t("agent.settings"), keys: [], does: () => (desk.asks = "settings") },
    { id: "diagnostics", name: t("agent.diagnostics"), keys: [], does: () => (desk.asks = "diagnostics") },
  ];
}

// What the palette can do at this moment: the keys' actions that make sense now, the views, labels, teams and the appearance.

import type { KeyAction } from "@/lib/keyboard";
import type { Desk } from "@/state/desk.svelte";
import type { PaletteAction } from "@/state/palette.svelte";
import type { Theme, ThemeController } from "@/state/theme.svelte";
import { t, type Word } from "@/lib/words";
import { views } from "./filters";

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

const themes: readonly Theme[] = ["system", "light", "dark"];

export function actionsNow(
  desk: Desk,
  theme: ThemeController,
  carryOut: (action: KeyAction) => void,
): PaletteAction[] {
  const open = desk.open !== null;
  const teams = desk.session.signedIn?.workspaces ?? [];
  return [
    ...keyed
      .filter(([, , , thread]) => open || !thread)
      .map(([action, word, keys]) => ({ id: action, name: t(word), keys, does: () => carryOut(action) })),
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

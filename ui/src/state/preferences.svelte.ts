// How the agent likes the window to be: kept in localStorage beside the theme, since nothing of it concerns the engine or the team.

export interface Preferences {
  /** Whether Enter sends and Shift+Enter breaks the line, or the other way round. */
  enterSends: boolean;
  /** Whether the panel beside a conversation is unfolded. */
  panel: boolean;
  /** A language of lib/language.ts, or `null` for the system's. */
  language: string | null;
  /** What was picked last, newest first. */
  emoji: readonly string[];
  /** Searches that are kept as views, in the order in which they were kept. */
  searches: readonly string[];
  /** The team that the list shows; `null` for all of them. */
  workspace: string | null;
  /** How far owners are led through the first start of a team, by team. */
  setup: Readonly<Record<string, { state: "unknown" | "begun" | "ended"; tested: boolean } | undefined>>;
}

export const USUAL: Preferences = {
  enterSends: true,
  panel: false,
  language: null,
  emoji: [],
  searches: [],
  workspace: null,
  setup: {},
};

const KEY = "deskline.preferences";
/** As many emoji as one row holds. */
const RECENT = 16;
/** More views than this, nobody finds again. */
const MOST_SEARCHES = 30;

export type Kept = Pick<Storage, "getItem" | "setItem">;

function setups(kept: unknown): Preferences["setup"] {
  if (typeof kept !== "object" || kept === null) return {};
  const all = Object.entries(kept as Record<string, { state?: unknown; tested?: unknown } | null>);
  return Object.fromEntries(
    all.map(([team, one]) => {
      const state = one?.state === "begun" || one?.state === "ended" ? one.state : "unknown";
      return [team, { state, tested: one?.tested === true }];
    }),
  );
}

/** What was kept, as far as it makes sense. */
export function readPreferences(storage: Kept): Preferences {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? "{}") as Partial<Record<keyof Preferences, unknown>>;
    const texts = (value: unknown, most: number) =>
      Array.isArray(value) ? value.filter((one) => typeof one === "string").slice(0, most) : [];
    const text = (value: unknown) => (typeof value === "string" ? value : null);
    return {
      enterSends: kept.enterSends !== false,
      panel: kept.panel === true,
      language: text(kept.language),
      emoji: texts(kept.emoji, RECENT),
      searches: texts(kept.searches, MOST_SEARCHES),
      workspace: text(kept.workspace),
      setup: setups(kept.setup),
    };
  } catch {
    return USUAL;
  }
}

export class PreferencesController {
  value = $state.raw<Preferences>(USUAL);
  #storage: Kept | null;

  /** Without a storage, everything is forgotten with the window. */
  constructor(storage: Kept | null = null) {
    this.#storage = storage;
    if (storage !== null) this.value = readPreferences(storage);
  }

  set(change: Partial<Preferences>): void {
    this.value = { ...this.value, ...change };
    this.#storage?.setItem(KEY, JSON.stringify(this.value));
  }

  /** A search becomes a view, or is one no longer. */
  keepSearch(text: string, keep: boolean): void {
    const others = this.value.searches.filter((other) => other !== text);
    this.set({ searches: keep ? [...others, text].slice(-MOST_SEARCHES) : others });
  }

  /** An emoji was picked: it stands first next time. */
  picked(emoji: string): void {
    this.set({ emoji: [emoji, ...this.value.emoji.filter((other) => other !== emoji)].slice(0, RECENT) });
  }
}

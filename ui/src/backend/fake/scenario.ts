// The URL parameters of the browser build. `?state=offline&open=maya-lindqvist&theme=dark` is one window state.
//
//   role      agent (default), admin, owner
//   state     live (default) or another of `states` below; or one of `threads`, which open the contact that shows it
//   open      the slug of a contact whose thread is open at the start (people.ts)
//   contacts  how many conversations there are (default 30, up to 10,000)
//   history   how many texts the long thread has (default 20,000)
//   clock     manual: time stands still until a test calls desklineFake.advance(ms); nobody texts by himself
//   now       the time at the start, ISO 8601; only with clock=manual
//   theme     light or dark; read by state/theme.svelte.ts

/** Conditions of the window. */
export const states = [
  "live",
  "signin",
  "syncing",
  "empty",
  "offline",
  "connecting",
  "expired",
  "incompatible",
  "memoryonly",
  "keychainlocked",
  "notwilio",
  "direct",
  "rebuilding",
  "diskfull",
  "wrongclock",
  "noaccess",
  "restored",
  "leaseover",
  "held",
  "takenback",
  "accounts",
  "teams",
  "update",
] as const;
export type FakeState = (typeof states)[number];

/** What the agent may do in the team. */
export type FakeRole = "owner" | "admin" | "agent";

const roles: readonly FakeRole[] = ["owner", "admin", "agent"];

/** States that are a thread rather than a condition of the window. */
export const threads: Readonly<Record<string, string>> = {
  optedout: "dolores-whitfield",
  failed: "marcus-bell",
  parked: "hannah-osei",
  held: "maya-lindqvist",
  unknown: "tomas-rivera",
  rtl: "layla-haddad",
  emoji: "pia-sommer",
  long: "greta-lindholm",
  history: "sam-carter",
  word: "parcelnow",
  longname: "long-name",
};

export interface Scenario {
  state: FakeState;
  role: FakeRole;
  open: string | null;
  contacts: number;
  history: number;
  manualClock: boolean;
  now: number | null;
}

export function readScenario(parameters: URLSearchParams): Scenario {
  const wanted = parameters.get("state") ?? "live";
  const now = Date.parse(parameters.get("now") ?? "");
  return {
    state: states.find((state) => state === wanted) ?? "live",
    role: roles.find((role) => role === parameters.get("role")) ?? "agent",
    open: parameters.get("open") ?? threads[wanted] ?? null,
    contacts: figure(parameters.get("contacts"), 30, 10_000),
    history: figure(parameters.get("history"), 20_000, 100_000),
    manualClock: parameters.get("clock") === "manual",
    now: Number.isNaN(now) ? null : now,
  };
}

function figure(given: string | null, usual: number, most: number): number {
  const n = Number(given ?? usual);
  return Number.isInteger(n) ? Math.min(Math.max(n, 0), most) : usual;
}

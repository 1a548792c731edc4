// The same window in a plain browser: seeded conversations, simulated delivery, every state by a URL parameter.
//
// `npm run dev` and the browser tests run on it. The parameters are in fake/scenario.ts. Nothing here is in the desktop's
// first bundle: create.ts loads it only where there is no engine.

import type { Backend } from "./backend";
import { ManualClock, SystemClock } from "./fake/clock";
import { FakeDesk } from "./fake/desk";
import { readScenario } from "./fake/scenario";

declare global {
  interface Window {
    /** The fake of this page, for browser tests: `desklineFake.receive(…)`, `desklineFake.advance(…)`. */
    desklineFake?: FakeDesk;
  }
}

export function fakeBackend(parameters: URLSearchParams): Backend {
  const scenario = readScenario(parameters);
  const clock = scenario.manualClock ? new ManualClock(scenario.now ?? Date.now()) : new SystemClock();
  const desk = new FakeDesk(scenario, clock);
  window.desklineFake = desk;
  return desk;
}

// A state of the window, and how to get there.

import type { Page } from "playwright-core";
import type { Parameters } from "../chromium";

export interface WindowState {
  name: string;
  parameters: Parameters;
  prepare?: (page: Page) => Promise<void>;
}

/** One that the browser build shows by itself. */
export const byName = (state: string): WindowState => ({ name: state, parameters: { state } });

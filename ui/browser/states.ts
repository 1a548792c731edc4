// Every state of the window and how to get there, by subject. Walked through by the axe, overflow and screenshot runs.

import { compose } from "./states/compose";
import { search } from "./states/search";
import { settings } from "./states/settings";
import type { WindowState } from "./states/state";
import { thread } from "./states/thread";
import { whole } from "./states/window";

export const states: readonly WindowState[] = [...whole, ...thread, ...compose, ...settings, ...search];

// The German catalogue. Fetched where it is wanted.

import type { Catalogue } from "@/lib/words";
import { admin } from "./de/admin";
import { compose } from "./de/compose";
import { contact } from "./de/contact";
import { direct } from "./de/direct";
import { inbox } from "./de/inbox";
import { settings } from "./de/settings";
import { thread } from "./de/thread";
import { window } from "./de/window";

export { sentences } from "./de/engine";

export const german: Catalogue = {
  ...window,
  ...inbox,
  ...thread,
  ...compose,
  ...contact,
  ...settings,
  ...direct,
  ...admin,
};

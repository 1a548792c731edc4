// The English catalogue: the one whose shape the others have.

import { admin } from "./en/admin";
import { compose } from "./en/compose";
import { contact } from "./en/contact";
import { direct } from "./en/direct";
import { inbox } from "./en/inbox";
import { settings } from "./en/settings";
import { thread } from "./en/thread";
import { window } from "./en/window";

export const english = {
  ...window,
  ...inbox,
  ...thread,
  ...compose,
  ...contact,
  ...settings,
  ...direct,
  ...admin,
};

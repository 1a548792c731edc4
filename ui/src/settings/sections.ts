// The sections of the settings, by whom they concern. What admins set for the team is a second group here.

import BellIcon from "@lucide/svelte/icons/bell";
import HardDriveIcon from "@lucide/svelte/icons/hard-drive";
import InfoIcon from "@lucide/svelte/icons/info";
import MonitorIcon from "@lucide/svelte/icons/monitor";
import PaletteIcon from "@lucide/svelte/icons/palette";
import SendIcon from "@lucide/svelte/icons/send";
import UserRoundIcon from "@lucide/svelte/icons/user-round";

export const groups = [
  {
    title: "settings.you",
    sections: [
      { id: "account", icon: UserRoundIcon },
      { id: "appearance", icon: PaletteIcon },
      { id: "notifications", icon: BellIcon },
      { id: "sending", icon: SendIcon },
      { id: "storage", icon: HardDriveIcon },
      { id: "computer", icon: MonitorIcon },
      { id: "about", icon: InfoIcon },
    ],
  },
] as const;

export type SectionId = (typeof groups)[number]["sections"][number]["id"];

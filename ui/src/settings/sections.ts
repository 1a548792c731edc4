// The sections of the settings, by whom they concern. What owners and admins set for the team is a second group.

import BellIcon from "@lucide/svelte/icons/bell";
import BellMinusIcon from "@lucide/svelte/icons/bell-minus";
import CableIcon from "@lucide/svelte/icons/cable";
import DatabaseIcon from "@lucide/svelte/icons/database";
import HardDriveIcon from "@lucide/svelte/icons/hard-drive";
import InfoIcon from "@lucide/svelte/icons/info";
import MailQuestionIcon from "@lucide/svelte/icons/mail-question-mark";
import MessageSquareIcon from "@lucide/svelte/icons/message-square-quote";
import MonitorIcon from "@lucide/svelte/icons/monitor";
import PaletteIcon from "@lucide/svelte/icons/palette";
import RadioTowerIcon from "@lucide/svelte/icons/radio-tower";
import SendIcon from "@lucide/svelte/icons/send";
import TagsIcon from "@lucide/svelte/icons/tags";
import UserRoundIcon from "@lucide/svelte/icons/user-round";
import UsersRoundIcon from "@lucide/svelte/icons/users-round";

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
      { id: "direct", icon: CableIcon },
      { id: "about", icon: InfoIcon },
    ],
  },
] as const;

/** For owners and admins. */
export const teamGroup = {
  title: "settings.theTeam",
  sections: [
    { id: "members", icon: UsersRoundIcon },
    { id: "twilio", icon: RadioTowerIcon },
    { id: "replies", icon: MessageSquareIcon },
    { id: "labels", icon: TagsIcon },
    { id: "optOuts", icon: BellMinusIcon },
    { id: "letters", icon: MailQuestionIcon },
    { id: "data", icon: DatabaseIcon },
  ],
} as const;

export type SectionId = (typeof groups)[number]["sections"][number]["id"] | TeamSectionId;
export type TeamSectionId = (typeof teamGroup)["sections"][number]["id"];

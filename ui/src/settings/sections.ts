// The sections of the settings, by whom they concern. What owners and admins set for the team is a second group.

import BellIcon from "~icons/lucide/bell";
import BellMinusIcon from "~icons/lucide/bell-minus";
import CableIcon from "~icons/lucide/cable";
import DatabaseIcon from "~icons/lucide/database";
import HardDriveIcon from "~icons/lucide/hard-drive";
import InfoIcon from "~icons/lucide/info";
import MailQuestionIcon from "~icons/lucide/mail-question-mark";
import MessageSquareIcon from "~icons/lucide/message-square-quote";
import MonitorIcon from "~icons/lucide/monitor";
import PaletteIcon from "~icons/lucide/palette";
import RadioTowerIcon from "~icons/lucide/radio-tower";
import SendIcon from "~icons/lucide/send";
import TagsIcon from "~icons/lucide/tags";
import UserRoundIcon from "~icons/lucide/user-round";
import UsersRoundIcon from "~icons/lucide/users-round";

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

// The views on the conversations, in their order, with their icons.

import AlarmClockIcon from "~icons/lucide/alarm-clock";
import ArchiveIcon from "~icons/lucide/archive";
import InboxIcon from "~icons/lucide/inbox";
import MailIcon from "~icons/lucide/mail";
import MessagesIcon from "~icons/lucide/messages-square";
import UserRoundIcon from "~icons/lucide/user-round";
import UserXIcon from "~icons/lucide/user-x";
import type { ConversationFilter } from "@/bindings/ConversationFilter";

export const views = [
  { filter: "mine", icon: UserRoundIcon },
  { filter: "unassigned", icon: UserXIcon },
  { filter: "open", icon: InboxIcon },
  { filter: "unread", icon: MailIcon },
  { filter: "snoozed", icon: AlarmClockIcon },
  { filter: "closed", icon: ArchiveIcon },
  { filter: "all", icon: MessagesIcon },
] as const satisfies { filter: ConversationFilter; icon: typeof InboxIcon }[];

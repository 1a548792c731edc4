// The views on the conversations, in their order, with their icons.

import AlarmClockIcon from "@lucide/svelte/icons/alarm-clock";
import ArchiveIcon from "@lucide/svelte/icons/archive";
import InboxIcon from "@lucide/svelte/icons/inbox";
import MailIcon from "@lucide/svelte/icons/mail";
import MessagesIcon from "@lucide/svelte/icons/messages-square";
import UserRoundIcon from "@lucide/svelte/icons/user-round";
import UserXIcon from "@lucide/svelte/icons/user-x";
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

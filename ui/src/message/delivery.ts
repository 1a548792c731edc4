// The icon and the words of each delivery state.

import BanIcon from "@lucide/svelte/icons/ban";
import CalendarClockIcon from "@lucide/svelte/icons/calendar-clock";
import CheckIcon from "@lucide/svelte/icons/check";
import CheckCheckIcon from "@lucide/svelte/icons/check-check";
import CircleAlertIcon from "@lucide/svelte/icons/circle-alert";
import CircleArrowUpIcon from "@lucide/svelte/icons/circle-arrow-up";
import CircleCheckIcon from "@lucide/svelte/icons/circle-check";
import CirclePauseIcon from "@lucide/svelte/icons/circle-pause";
import CircleQuestionMarkIcon from "@lucide/svelte/icons/circle-question-mark";
import ClockIcon from "@lucide/svelte/icons/clock-3";
import EyeIcon from "@lucide/svelte/icons/eye";
import MessageQuestionIcon from "@lucide/svelte/icons/message-circle-question-mark";
import type { Component } from "svelte";
import type { MessageState } from "@/bindings/MessageState";

export interface DeliveryLook {
  icon: Component<{ class?: string }>;
  /** A colour of tokens.css that stands on paper. */
  color: string;
}

export const deliveryLooks: Readonly<Record<MessageState, DeliveryLook>> = {
  received: { icon: CheckIcon, color: "text-faint" },
  waiting: { icon: ClockIcon, color: "text-faint" },
  onServer: { icon: CircleArrowUpIcon, color: "text-faint" },
  scheduled: { icon: CalendarClockIcon, color: "text-accent-text" },
  accepted: { icon: CircleCheckIcon, color: "text-faint" },
  sent: { icon: CheckIcon, color: "text-faint" },
  delivered: { icon: CheckCheckIcon, color: "text-faint" },
  read: { icon: EyeIcon, color: "text-accent-text" },
  unknown: { icon: CircleQuestionMarkIcon, color: "text-warn" },
  failed: { icon: CircleAlertIcon, color: "text-bad" },
  held: { icon: MessageQuestionIcon, color: "text-warn" },
  parked: { icon: CirclePauseIcon, color: "text-warn" },
  canceled: { icon: BanIcon, color: "text-faint" },
};

// The icon and the words of each delivery state.

import BanIcon from "~icons/lucide/ban";
import CalendarClockIcon from "~icons/lucide/calendar-clock";
import CheckIcon from "~icons/lucide/check";
import CheckCheckIcon from "~icons/lucide/check-check";
import CircleAlertIcon from "~icons/lucide/circle-alert";
import CircleArrowUpIcon from "~icons/lucide/circle-arrow-up";
import CircleCheckIcon from "~icons/lucide/circle-check";
import CirclePauseIcon from "~icons/lucide/circle-pause";
import CircleQuestionMarkIcon from "~icons/lucide/circle-question-mark";
import ClockIcon from "~icons/lucide/clock-3";
import EyeIcon from "~icons/lucide/eye";
import MessageQuestionIcon from "~icons/lucide/message-circle-question-mark";
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

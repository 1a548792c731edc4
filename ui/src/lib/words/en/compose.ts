// Writing a text, and who else is at it.

import { count, figures } from "./figures";

export const compose = {
  "attach.button": "Attach files",
  "attach.list": "Attached files",
  "attach.remove": (name: string) => `Remove ${name}`,
  "attach.drop": (name: string) => `Drop files here to send them to ${name}`,
  "attach.busy": "Taking in…",

  "composer.label": (name: string) => `Write to ${name}`,
  "composer.placeholder": "Write a text",
  "composer.send": "Send",
  "composer.hint": "Enter sends, Shift+Enter breaks the line, / for canned replies",
  "composer.hintSwapped": "Shift+Enter sends, Enter breaks the line, / for canned replies",
  "composer.lacks": (names: string) => `Still to be filled in: ${names}`,
  "composer.segments": (n: number) => count(n, "segment", "segments"),
  "composer.left": (n: number) => `${figures.format(n)} left`,
  "composer.forced": (characters: string, others: number, n: number) =>
    `${characters}${others === 0 ? "" : ` and ${count(others, "other", "others")}`} ${n === 1 ? "costs" : "cost"} more`,
  "composer.replace": "Use plain ones",
  "composer.tooLong": (n: number, limit: number) =>
    `${figures.format(n)} of ${figures.format(limit)} characters. Shorten it or send it in parts.`,
  "composer.refusal.optedOut": "This contact has opted out.",
  "composer.refusal.noAddress": "This sender cannot be answered.",
  "composer.refusal.unsendable": "There is a character in it that cannot be sent (NUL).",
  "composer.refusal.tooManyFiles": "A text can carry ten files at most.",
  "composer.refusal.filesTooLarge": "These files are larger than the 5 MB that one text takes.",
  "composer.night": (time: string) => `${time} there`,
  "composer.nightMore": (time: string) => `By the number, it is ${time} there: people sleep.`,
  "composer.nightPerhaps": (from: string, to: string) => `${from}–${to} there`,
  "composer.nightPerhapsMore": (from: string, to: string) =>
    `The number belongs to several time zones. It is between ${from} and ${to} there, and night in some of them.`,
  "composer.hourUnknown": "Their time is unknown",
  "composer.hourUnknownMore": "Nothing about this number says where it belongs.",
  "composer.from": (number: string) => `from ${number}`,
  "composer.fromNew": "New number to them",
  "composer.fromNewMore": (number: string) =>
    `This contact has never seen ${number}. Say who you are: they may take it for a stranger’s.`,
  "composer.fromService": "from your Messaging Service",
  "composer.fromWroteTo": "from the number they wrote to",
  "composer.optedOut": (name: string) => `${name} has opted out`,
  "composer.optedOutText": "Texts to this contact are refused. They can opt in again by texting START.",
  "composer.noAddress": "This sender cannot be answered",
  "composer.noAddressText": "It has a name, but no number that a text could go to.",
  "composer.noNumber": "No number to send from yet",
  "composer.noNumberText":
    "An owner or admin of your team has to connect Twilio and one of its numbers first. Texts are received as ever.",
  "composer.kept": "Your draft is kept.",
  "composer.notSent": "Not sent.",

  "replies.title": "Canned replies",
  "replies.none": "There are no canned replies yet. An administrator can make some.",
  "replies.nothing": "No canned reply is called so. Escape leaves it as a text.",

  "emoji.button": "Emoji",
  "emoji.search": "Search emoji",
  "emoji.groups": "Groups",
  "emoji.group.0": "Faces and feelings",
  "emoji.group.1": "People and hands",
  "emoji.group.3": "Animals and nature",
  "emoji.group.4": "Food and drink",
  "emoji.group.5": "Travel and places",
  "emoji.group.6": "Activities",
  "emoji.group.7": "Things",
  "emoji.group.8": "Symbols",
  "emoji.group.9": "Flags",
  "emoji.nothing": "No emoji is called so.",
  "emoji.failed": "The emoji cannot be shown.",

  "busy.typing": (who: string) => `${who} is writing`,
  "busy.viewing": (who: string) => `${who} is looking at this`,
  "busy.here": "at work",
  "busy.away": "away",

  "claim.typing": (who: string) => `${who} is writing to this contact, too.`,
  "claim.answered": (who: string, when: string) => `${who} answered ${when}:`,
  "claim.somebody": "Somebody of your team",
  "claim.quote": (text: string) => `“${text}”`,
  "claim.send": "Send anyway",
  "claim.keep": "Keep as draft",
} as const;

// Every word of the window, in English. A second language is a second object of the same shape.
//
// Components write `t("composer.send")`; entries with a figure or a name in them are functions, and `t` asks for exactly
// their arguments. Texts of contacts and sentences of the engine (why a text failed) are not words of ours.

const plural = new Intl.PluralRules("en");
const figures = new Intl.NumberFormat("en");

/** "1 text", "12,000 texts". */
function count(n: number, one: string, other: string): string {
  return `${figures.format(n)} ${plural.select(n) === "one" ? one : other}`;
}

const texts = (n: number) => count(n, "text", "texts");

export const english = {
  "app.name": "Deskline",
  "app.title": (unread: number) => (unread > 0 ? `(${figures.format(unread)}) Deskline` : "Deskline"),
  "app.loading": "Opening your conversations…",
  "app.close": "Close",
  "app.cancel": "Cancel",
  "app.tryAgain": "Try again",
  "app.dismiss": "Dismiss",

  "signIn.title": "Sign in to Deskline",
  "signIn.lead": "Use the account that your team’s administrator made for you.",
  "signIn.again": "Sign in again",
  "signIn.againLead":
    "Your session has ended. Everything is still here, and what waits will be sent after you sign in.",
  "signIn.server": "Server",
  "signIn.serverHint": "https://desk.example.com",
  "signIn.email": "E-mail",
  "signIn.password": "Password",
  "signIn.submit": "Sign in",
  "signIn.busy": "Signing in…",
  "signIn.serverMissing": "Write the address of your team’s server.",
  "signIn.emailMissing": "Write your e-mail address.",
  "signIn.passwordMissing": "Write your password.",

  "hint.badCredentials": "Check both and try again. An administrator can set a new password.",
  "hint.notAServer": "The address usually looks like https://desk.example.com.",
  "hint.unreachable": "If both are fine, ask whoever runs the server whether it is up.",
  "hint.internal": "Try again. If it stays, restart Deskline.",
  "hint.none": "",
  "error.unknown": "Something went wrong.",

  "views.title": "Conversations",
  "filter.open": "Open",
  "filter.unread": "Unread",
  "filter.closed": "Closed",
  "filter.all": "All",
  "filter.counted": (name: string, n: number) => `${name}, ${figures.format(n)}`,
  "filter.unreadTexts": (n: number) => `Unread, ${texts(n)}`,

  "list.label": "Conversations, newest first",
  "list.you": "You:",
  "list.teammate": "Teammate:",
  "list.draft": "Draft:",
  "list.media": "File",
  "list.noTexts": "No texts yet",
  "list.unread": (n: number) => `${texts(n)} unread`,
  "list.failed": "A text did not arrive",
  "list.optedOut": "Opted out",
  "list.emptyTitle": "No conversations yet",
  "list.emptyText": "When somebody texts one of your numbers, the conversation shows up here.",
  "list.emptyOpen": "Nothing is open",
  "list.emptyOpenText": "Every conversation is closed. New texts open them again.",
  "list.emptyUnread": "All caught up",
  "list.emptyUnreadText": "There is no unread text.",
  "list.emptyClosed": "Nothing is closed",
  "list.emptyClosedText": "Closed and snoozed conversations show up here.",
  "list.syncingTitle": "Fetching your conversations",
  "list.syncingText": "The first ones show up in a moment.",

  "search.label": "Search conversations and texts",
  "search.placeholder": "Search",
  "search.close": "Close the search",
  "search.results": "What was found",
  "search.contacts": "Conversations",
  "search.messages": "Texts",
  "search.help":
    "Words are found by their beginning, in everything that is on this machine. You can also type:",
  "search.can.phrase": "these words, in this order",
  "search.can.number": "a number in any notation",
  "search.can.from": "written by this contact",
  "search.can.fromMe": "written by you",
  "search.can.in": "in this conversation",
  "search.can.media": "with files",
  "search.can.unread": "in conversations with unread texts",
  "search.can.after": "on that day or later",
  "search.can.before": "before that day",
  "search.nothing": "Nothing found",
  "search.nothingText": "Try fewer words, or only their beginnings.",
  "search.more": "Looking further back…",
  "search.further": "Look further back",
  "search.unanswered": (operators: string) =>
    `${operators} cannot be answered on this machine yet, and was left out.`,
  "search.indexing": (done: number, total: number) =>
    total === 0
      ? "The search is being set up anew. Older texts are found in a moment."
      : `${figures.format(done)} of ${figures.format(total)} texts can be searched so far.`,

  "thread.none": "No conversation selected",
  "thread.noneText":
    "Choose one on the left. With the keyboard: J and K move, Enter opens, ? shows every shortcut.",
  "thread.noneEmpty": "Texts will be read here",
  "thread.noneEmptyText": "As soon as there is a conversation, open it on the left.",
  "thread.label": (name: string) => `Texts with ${name}`,
  "thread.begin": "This is where the conversation begins.",
  "thread.loadingOlder": "Fetching older texts…",
  "thread.olderFailed": "Older texts could not be read.",
  "thread.empty": "No texts yet. Write the first one below.",
  "thread.unread": "New",
  "thread.jump": "Jump to newest",
  "thread.jumpNew": (n: number) => count(n, "new text", "new texts"),
  "thread.back": "Back to the list",
  "thread.received": (name: string, text: string) => `New text from ${name}: ${text}`,
  "thread.teammate": "Teammate",
  "thread.you": "You",
  "thread.at": (who: string, when: string) => `${who}, ${when}`,
  "thread.stamp": (when: string, state: string) => `${when} · ${state}`,
  "thread.gone": "This conversation is not on this machine any more.",

  "media.image": "Picture",
  "media.video": "Video",
  "media.audio": "Sound",
  "media.file": "File",

  "state.received": "Received",
  "state.waiting": "Waiting here",
  "state.onServer": "On the server",
  "state.accepted": "Accepted",
  "state.sent": "Sent",
  "state.delivered": "Delivered",
  "state.read": "Read",
  "state.unknown": "Unknown, being checked",
  "state.failed": "Failed",
  "state.parked": "Parked",
  "state.held": "Held back",
  "state.canceled": "Called off",
  "state.waiting.more": "Waiting here: kept on this machine and sent as soon as it can be",
  "state.onServer.more": "On the server: not yet with Twilio",
  "state.accepted.more": "Accepted: Twilio has it",
  "state.sent.more": "Sent: the carrier has it",
  "state.delivered.more": "Delivered: the handset has it",
  "state.read.more": "Read: it was seen",
  "state.unknown.more": "Unknown: being checked, and not sent again before that is known",
  "state.failed.more": "Failed: it did not arrive",
  "state.parked.more": "Parked: it stays here until you decide",
  "state.held.more": "Held back: it leaves when you say that it still fits",
  "state.canceled.more": "Called off: it was not sent",
  "state.received.more": "Received",

  "failure.retry": "Retry",
  "failure.discard": "Discard",
  "failure.edit": "Edit",
  "held.title": "Does this still fit?",
  "held.send": "Send anyway",
  "waiting.actions": "This text has not left",
  "failure.code": (code: number) => `Twilio ${code}`,
  "failure.plain": "This text did not arrive.",

  "composer.label": (name: string) => `Write to ${name}`,
  "composer.placeholder": "Write a text",
  "composer.send": "Send",
  "composer.hint": "Enter sends, Shift+Enter breaks the line",
  "composer.segments": (n: number) => count(n, "segment", "segments"),
  "composer.left": (n: number) => `${figures.format(n)} left`,
  "composer.forced": (characters: string, others: number, n: number) =>
    `${characters}${others === 0 ? "" : ` and ${count(others, "other", "others")}`} ${n === 1 ? "costs" : "cost"} more`,
  "composer.replace": "Use plain ones",
  "composer.tooLong": (n: number, limit: number) =>
    `${figures.format(n)} of ${figures.format(limit)} characters. Shorten it or send it in parts.`,
  "composer.optedOut": (name: string) => `${name} has opted out`,
  "composer.optedOutText": "Texts to this contact are refused. They can opt in again by texting START.",
  "composer.noAddress": "This sender cannot be answered",
  "composer.noAddressText": "It has a name, but no number that a text could go to.",
  "composer.kept": "Your draft is kept.",
  "composer.notSent": "Not sent.",

  "connection.label": "Connection",
  "connection.live": "Connected",
  "connection.connecting": "Connecting…",
  "connection.syncing": "Fetching texts…",
  "connection.offline": "Offline",
  "connection.incompatible": "Update needed",
  "connection.signedOut": "Signed out",
  "connection.progress": (done: number, total: number) =>
    `${figures.format(done)} of about ${figures.format(total)} texts and contacts fetched`,
  "connection.percent": (part: number) => new Intl.NumberFormat("en", { style: "percent" }).format(part),
  "audit.line": (twilio: number, here: number, when: string) =>
    `Twilio ${figures.format(twilio)} ${twilio === here ? "=" : "≠"} here ${figures.format(here)}, checked ${when}`,
  "audit.now": "just now",
  "audit.minutes": (n: number) => `${count(n, "minute", "minutes")} ago`,
  "audit.hours": (n: number) => `${count(n, "hour", "hours")} ago`,
  "audit.days": (n: number) => `${count(n, "day", "days")} ago`,
  "audit.more":
    "Texts of the last day or more that Twilio lists, and those of them that your team’s server has",
  "bar.offline": (since: string) => `Offline since ${since}.`,
  "bar.waiting": (n: number) =>
    n === 0
      ? "Everything can be read; what you write waits here."
      : `${texts(n)} ${n === 1 ? "waits" : "wait"} to be sent.`,
  "bar.reconnecting": "Reconnecting…",
  "bar.expired": "Your session has ended. Everything is still here; nothing is lost.",
  "bar.leaseOver": "Sign in to fetch your conversations again.",
  "bar.diskFull": "The disk of this computer is full.",
  "bar.diskFullMore":
    "Nothing new can be kept here, and no text leaves. Make some room: everything goes on by itself then.",
  "bar.rebuilding": "It is being fetched from your server again; what you wrote is kept.",
  "bar.rebuildingLater": "It is fetched again as soon as the server can be reached; what you wrote is kept.",
  "bar.incompatible": "Deskline and your team’s server do not fit together.",
  "bar.memoryOnly":
    "This system has no keychain, so Deskline keeps nothing on disk. When you close it, texts that still wait are lost.",

  "agent.menu": (email: string) => `Signed in as ${email}`,
  "agent.signOut": "Sign out",
  "agent.shortcuts": "Keyboard shortcuts",
  "agent.theme": "Appearance",
  "agent.theme.system": "Follow the system",
  "agent.theme.light": "Light",
  "agent.theme.dark": "Dark",
  "agent.signOutTitle": "Sign out now?",
  "agent.signOutText": (n: number) =>
    `${texts(n)} ${n === 1 ? "waits" : "wait"} on this machine. ${n === 1 ? "It is" : "They are"} kept, but not sent before you sign in again.`,

  "keys.title": "Keyboard shortcuts",
  "keys.list": "List",
  "keys.thread": "Conversation",
  "keys.window": "Window",
  "keys.next": "Next conversation",
  "keys.previous": "Previous conversation",
  "keys.open": "Open it",
  "keys.back": "Go back",
  "keys.reply": "Write a reply",
  "keys.send": "Send",
  "keys.break": "New line",
  "keys.search": "Search",
  "keys.sheet": "Show this sheet",
  "keys.or": "or",
} as const;

export type Word = keyof typeof english;
type Arguments<W extends Word> = (typeof english)[W] extends (...given: infer A) => string ? A : [];

/** The words for `word`, with its figures and names filled in. */
export function t<W extends Word>(word: W, ...given: Arguments<W>): string {
  const entry = english[word] as string | ((...given: Arguments<W>) => string);
  return typeof entry === "string" ? entry : entry(...given);
}

// The window as a whole: signing in, the connection, what happened to things.

import { count, texts, figures, percent } from "./figures";

export const window = {
  "app.name": "Deskline",
  "app.title": (unread: number) => (unread > 0 ? `(${figures.format(unread)}) Deskline` : "Deskline"),
  "app.loading": "Opening your conversations…",
  "app.close": "Close",
  "app.cancel": "Cancel",
  "app.tryAgain": "Try again",
  "app.dismiss": "Dismiss",
  "app.save": "Save",

  "signIn.title": "Sign in to Deskline",
  "signIn.lead": "Use the account that your team’s administrator made for you.",
  "signIn.again": "Sign in again",
  "signIn.againLead":
    "Your session has ended. Everything is still here, and what waits will be sent after you sign in.",
  "signIn.back": (email: string) => `Back to ${email}`,
  "signIn.server": "Server",
  "signIn.serverHint": "https://desk.example.com",
  "signIn.email": "E-mail",
  "signIn.password": "Password",
  "signIn.submit": "Sign in",
  "signIn.busy": "Signing in…",
  "signIn.keychainHint":
    "Until then, what is on this computer cannot be read, and whoever signs in keeps nothing here.",
  "signIn.serverMissing": "Write the address of your team’s server.",
  "signIn.emailMissing": "Write your e-mail address.",
  "signIn.passwordMissing": "Write your password.",

  "hint.badCredentials": "Check both and try again. An administrator can set a new password.",
  "hint.notAServer": "The address usually looks like https://desk.example.com.",
  "hint.unreachable": "If both are fine, ask whoever runs the server whether it is up.",
  "hint.internal": "Try again. If it stays, restart Deskline.",
  "hint.none": "",

  "error.unknown": "Something went wrong.",

  "taken.title": (what: string, name: string) =>
    name === "" ? `${what} was taken back.` : `${what} for ${name} was taken back.`,
  "taken.more": (n: number) => `And ${count(n, "other", "others")}.`,
  "taken.markRead": "Reading",
  "taken.markUnread": "“Mark unread”",
  "taken.assign": "The assignment",
  "taken.unassign": "The assignment",
  "taken.setStatus": "The new status",
  "taken.close": "Closing it",
  "taken.resend": "Sending the text again",
  "taken.snooze": "The snooze",
  "taken.addLabel": "The label",
  "taken.removeLabel": "The label",
  "taken.createLabel": "The new label",
  "taken.updateLabel": "The label’s change",
  "taken.deleteLabel": "Deleting the label",
  "taken.addNote": "Your note",
  "taken.editNote": "Your note",
  "taken.deleteNote": "Deleting the note",
  "taken.createCannedReply": "The canned reply",
  "taken.updateCannedReply": "The canned reply",
  "taken.deleteCannedReply": "Deleting the canned reply",
  "taken.renameContact": "The new name",
  "taken.setAttribute": "The attribute",
  "taken.removeAttribute": "The attribute",
  "taken.mergeContacts": "The merge",
  "taken.block": "Blocking",
  "taken.unblock": "Unblocking",
  "taken.renameMember": "The new name",

  "connection.label": "Connection",
  "connection.live": "Connected",
  "connection.direct": "Connected without the server",
  "connection.connecting": "Connecting…",
  "connection.syncing": "Fetching texts…",
  "connection.offline": "Offline",
  "connection.incompatible": "Update needed",
  "connection.signedOut": "Signed out",
  "connection.progress": (done: number, total: number) =>
    `${figures.format(done)} of about ${figures.format(total)} texts and contacts fetched`,
  "connection.percent": (part: number) => percent.format(part),

  "audit.line": (twilio: number, here: number, when: string) =>
    `Twilio ${figures.format(twilio)} ${twilio === here ? "=" : "≠"} here ${figures.format(here)}, checked ${when}`,
  "audit.now": "just now",
  "audit.minutes": (n: number) => `${count(n, "minute", "minutes")} ago`,
  "audit.hours": (n: number) => `${count(n, "hour", "hours")} ago`,
  "audit.days": (n: number) => `${count(n, "day", "days")} ago`,
  "audit.more":
    "Texts of the last day or more that Twilio lists, and those of them that your team’s server has",
  "outbox.title": "Outbox",
  "outbox.show": "Show them",
  "outbox.counted": (n: number, stuck: number) =>
    `Outbox, ${texts(n)}${stuck === 0 ? "" : `, ${figures.format(stuck)} of them need you`}`,
  "outbox.lead":
    "These texts are on this computer alone. What waits leaves by itself and in order; the others wait for you.",
  "outbox.empty": "Everything has left this computer.",
  "outbox.nobody": "A contact that is gone",
  "outbox.retryAll": (n: number) => `Retry all ${figures.format(n)} parked ones`,

  "bar.offline": (since: string) => `Offline since ${since}.`,
  "bar.waiting": (n: number) =>
    n === 0
      ? "Everything can be read; what you write waits here."
      : `${texts(n)} ${n === 1 ? "waits" : "wait"} to be sent.`,
  "bar.reconnecting": "Reconnecting…",
  "bar.expired": "Your session has ended. Everything is still here; nothing is lost.",
  "bar.leaseOver": "Sign in to fetch your conversations again.",
  "bar.update": "A newer Deskline is installed.",
  "bar.updateMore": "It begins when you start again: that takes a moment, and drafts and waiting texts stay.",
  "bar.updateNow": "Start again",
  "bar.updateLater": "Later",
  "bar.diskFull": "The disk of this computer is full.",
  "bar.diskFullMore":
    "Nothing new can be kept here, and no text leaves. Make some room: everything goes on by itself then.",
  "bar.clockMore": "Times are shown wrong here until it is set right; nothing else depends on it.",
  "bar.rebuilding": "It is being fetched from your server again; what you wrote is kept.",
  "bar.rebuildingLater": "It is fetched again as soon as the server can be reached; what you wrote is kept.",
  "bar.incompatible": "Deskline and your team’s server do not fit together.",
  "bar.memoryOnly":
    "Deskline cannot use this system’s keychain, so it keeps nothing on disk. When you close it, texts that still wait are lost.",
} as const;

// What owners and admins set for the team.

import { count, figures } from "./figures";

export const admin = {
  "settings.theTeam": "The team",
  "settings.members": "Members",
  "settings.twilio": "Twilio",
  "settings.replies": "Canned replies",
  "settings.labels": "Labels",
  "settings.optOuts": "Opt-outs",
  "settings.letters": "Lost texts",
  "settings.data": "Data",
  "admin.looking": "Asking your team’s server…",

  "members.lead": "Owners and admins change what stands here. Owners are changed by owners alone.",
  "members.you": "(you)",
  "members.role": "Role",
  "members.roleOf": (who: string) => `Role of ${who}`,
  "members.owner": "Owner",
  "members.admin": "Admin",
  "members.agent": "Agent",
  "members.direct": "Direct",
  "members.directWho": (who: string) => `${who} may work while the server is away`,
  "members.directMore":
    "Direct: their desktops go on reading and answering while this server is away, with a login of their own that you can take back at any moment.",
  "members.remove": "Remove",
  "members.removeWho": (who: string) => `Remove ${who}`,
  "members.removeTitle": (who: string) => `Remove ${who} from the team?`,
  "members.removeMore":
    "They can read and write nothing of it any more, and its conversations are removed from their computers. What they wrote stays.",
  "members.invite": "Take somebody in",
  "members.inviteHint": "name@example.com",
  "members.emailMissing": "Write the e-mail address of whoever is to join.",
  "members.add": "Add",
  "members.added": (email: string) => `${email} is in the team now, and signs in as before.`,
  "members.password": (email: string) => `${email} is in the team now, and signs in with this password:`,
  "members.passwordMore": "It is shown this once. Give it to them on a way that nobody else reads.",

  "twilio.lead":
    "Texts go out and come in through your own Twilio account. Both values stand on the first page of the Twilio Console.",
  "twilio.sid": "Account SID",
  "twilio.sidWrong": "An account SID begins with AC and has 34 characters.",
  "twilio.token": "Auth token",
  "twilio.tokenMissing": "Write the auth token.",
  "twilio.where":
    "They are checked with Twilio first. The token is encrypted on your server, and kept nowhere on this computer.",
  "twilio.connect": "Connect",
  "twilio.checking": "Asking Twilio…",
  "twilio.connected": "Connected to",
  "twilio.other": "Other credentials",
  "twilio.noNumbers": "This account has no number. Buy one in the Twilio Console, and connect again.",
  "twilio.defaultNumber": "A contact who knows none of your numbers hears from",
  "twilio.defaultNumberMore": "Everybody else is answered from the number that they wrote to last.",
  "twilio.webhooks": "Where texts come in",
  "twilio.getsThrough": "Twilio’s requests get through.",
  "twilio.point": "Point all numbers here",
  "twilio.pointMore": (url: string) => `Texts to a number come here once Twilio reports them to ${url}.`,
  "twilio.test": "Try it: your own number",
  "twilio.testAdd": "Add as a contact",
  "twilio.testAdded": (phone: string) => `${phone} is in your inbox now. Write to it as to anybody else.`,
  "twilio.phoneWrong": "Write the number with its country, such as +1 555 010 0199.",

  "replies.lead": "Texts that your team sends again and again. Agents find them with / in the composer.",
  "replies.name": "Name",
  "replies.text": "Text",
  "replies.variables":
    "Variables: {{contact.first_name}}, {{contact.name}}, {{agent.name}}, {{workspace.name}}.",
  "replies.add": "Add",
  "replies.save": "Save",
  "replies.edit": "Edit",
  "replies.editWhich": (name: string) => `Edit ${name}`,
  "replies.delete": "Delete",
  "replies.deleteWhich": (name: string) => `Delete ${name}`,

  "labels.lead": "Labels sort conversations. Each has a view of its own in the sidebar.",
  "labels.color": "Colour of the new label",
  "labels.colorOf": (name: string) => `Colour of ${name}`,
  "labels.nameOf": (name: string) => `Name of ${name}`,
  "labels.new": "A new label",
  "labels.add": "Add",
  "labels.deleteWhich": (name: string) => `Delete ${name}`,
  "labels.deleteTitle": (name: string) => `Delete the label ${name}?`,
  "labels.deleteMore": "It is taken off every conversation that carries it.",

  "setup.title": "Set up your team",
  "setup.steps": "Steps",
  "setup.isDone": "done",
  "setup.connect": "Connect Twilio",
  "setup.connectMore":
    "Texts go out and come in through your own Twilio account. Deskline needs its SID and its auth token; the server keeps the token encrypted.",
  "setup.numbers": "Choose your numbers",
  "setup.numbersMore":
    "These are the numbers of the account. Point them here, so that what people text to them arrives in your inbox.",
  "setup.test": "Send yourself a text",
  "setup.testMore": "The best proof is the phone in your hand. Answer it, and your answer arrives here.",
  "setup.testText": "Hello from Deskline! If you can read this, your team can text. Answer to see it arrive.",
  "setup.phone": "Number of your own phone",
  "setup.send": "Send",
  "setup.sending": "On its way…",
  "setup.arrived": "Your team can text.",
  "setup.invite": "Invite your team",
  "setup.inviteMore":
    "Whoever is new gets a first password, which you hand over. You can invite more people at any time, in the settings.",
  "setup.next": "Next",
  "setup.skip": "Skip for now",
  "setup.later": "Go on later",
  "setup.end": "Done",
  "setup.dismiss": "Do not show this again",
  "setup.goOn": "Go on",
  "setup.left": (n: number) => `${count(n, "step is", "steps are")} left until your team can text.`,

  "optOuts.lead":
    "Nobody of your team can text these contacts. Agents opt somebody out, and in again, in the panel beside the conversation.",
  "optOuts.search": "Name or number",
  "optOuts.none": "Nobody has opted out.",
  "optOuts.nobody": "Nobody who opted out is called so.",
  "optOuts.more": "There are more. Search for a name or a number.",
  "optOuts.byContact": "By text",
  "optOuts.byAgent": (who: string) => `By ${who}`,
  "optOuts.byTwilio": "At Twilio",
  "optOuts.byOthers": "By another program",

  "letters.lead": "Texts to numbers that no team has. Nothing of them is lost, and nobody else sees them.",
  "letters.none": "There are none.",
  "letters.fromTo": (from: string, to: string) => `${from} to ${to}`,
  "letters.take": "Take it",

  "data.retention": "Texts, notes and files are kept",
  "data.forever": "for ever",
  "data.days": (days: number) =>
    days % 365 === 0 ? count(days / 365, "year", "years") : count(days, "day", "days"),
  "data.retentionMore":
    "Older ones are deleted within an hour, here and on every desktop. Contacts stay, with what they agreed to.",
  "data.retentionTitle": (days: number) => `Delete everything older than ${count(days, "day", "days")}?`,
  "data.retentionAsk": (days: number) =>
    `Texts and notes from before ${count(days, "day", "days")} ago are gone for good within an hour, for the whole team.`,
  "data.retentionDo": "Delete them",
  "data.import": "Import contacts…",
  "data.importMore":
    "A CSV file whose first line names its columns: phone, name, and whatever else you know. Contacts that are there already stay as they are.",
  "data.imported": (created: number, known: number, invalid: number) =>
    `${figures.format(created)} new, ${figures.format(known)} known already, ${figures.format(invalid)} unusable`,
  "data.export": "Export everything",
  "data.exportMore":
    "All texts, contacts, notes and what happened to each text, as JSON lines. No password and no token is in it.",
  "data.exported": (path: string) => `Saved as ${path}`,
};

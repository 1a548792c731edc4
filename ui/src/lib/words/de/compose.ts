// Writing a text, and who else is at it.

import { count, figures } from "./figures";

export const compose = {
  "attach.button": "Dateien anhängen",
  "attach.list": "Angehängte Dateien",
  "attach.remove": (name: string) => `${name} entfernen`,
  "attach.drop": (name: string) => `Dateien hier ablegen, um sie an ${name} zu senden`,
  "attach.busy": "Wird übernommen …",

  "composer.label": (name: string) => `An ${name} schreiben`,
  "composer.placeholder": "Nachricht schreiben",
  "composer.send": "Senden",
  "composer.hint": "Enter sendet, Umschalt+Enter bricht um, / für Textbausteine",
  "composer.hintSwapped": "Umschalt+Enter sendet, Enter bricht um, / für Textbausteine",
  "composer.lacks": (names: string) => `Noch auszufüllen: ${names}`,
  "composer.segments": (n: number) => count(n, "Segment", "Segmente"),
  "composer.left": (n: number) => `${figures.format(n)} frei`,
  "composer.forced": (characters: string, others: number, n: number) =>
    `${characters}${others === 0 ? "" : ` und ${count(others, "weiteres", "weitere")}`} ${n === 1 ? "kostet" : "kosten"} mehr`,
  "composer.replace": "Einfache nehmen",
  "composer.tooLong": (n: number, limit: number) =>
    `${figures.format(n)} von ${figures.format(limit)} Zeichen. Kürzen Sie, oder senden Sie in Teilen.`,
  "composer.refusal.optedOut": "Dieser Kontakt hat sich abgemeldet.",
  "composer.refusal.noAddress": "Diesem Absender kann man nicht antworten.",
  "composer.refusal.unsendable": "Darin ist ein Zeichen, das sich nicht senden lässt (NUL).",
  "composer.refusal.tooManyFiles": "Eine Nachricht trägt höchstens zehn Dateien.",
  "composer.refusal.filesTooLarge": "Diese Dateien sind größer als die 5 MB einer Nachricht.",
  "composer.night": (time: string) => `dort ${time}`,
  "composer.nightMore": (time: string) => `Der Nummer nach ist es dort ${time}: Man schläft.`,
  "composer.nightPerhaps": (from: string, to: string) => `dort ${from}–${to}`,
  "composer.nightPerhapsMore": (from: string, to: string) =>
    `Die Nummer gehört zu mehreren Zeitzonen. Dort ist es zwischen ${from} und ${to}, und in manchen davon Nacht.`,
  "composer.hourUnknown": "Ortszeit unbekannt",
  "composer.hourUnknownMore": "Nichts an dieser Nummer sagt, wohin sie gehört.",
  "composer.from": (number: string) => `von ${number}`,
  "composer.fromNew": "Neue Nummer für sie",
  "composer.fromNewMore": (number: string) =>
    `Dieser Kontakt hat ${number} noch nie gesehen. Sagen Sie, wer Sie sind: Man könnte sie für fremd halten.`,
  "composer.fromService": "von Ihrem Messaging Service",
  "composer.fromWroteTo": "von der Nummer, an die geschrieben wurde",
  "composer.optedOut": (name: string) => `${name} hat sich abgemeldet`,
  "composer.optedOutText":
    "Nachrichten an diesen Kontakt werden abgelehnt. Wer START schreibt, meldet sich wieder an.",
  "composer.noAddress": "Diesem Absender kann man nicht antworten",
  "composer.noAddressText": "Er hat einen Namen, aber keine Nummer, an die eine Nachricht gehen könnte.",
  "composer.noNumber": "Noch keine Nummer, von der gesendet wird",
  "composer.noNumberText":
    "Die Verwaltung Ihres Teams muss zuerst Twilio und eine Nummer verbinden. Empfangen wird wie immer.",
  "composer.kept": "Ihr Entwurf bleibt.",
  "composer.notSent": "Nicht gesendet.",

  "replies.title": "Textbausteine",
  "replies.none": "Noch keine Textbausteine. Die Verwaltung kann welche anlegen.",
  "replies.nothing": "Kein Textbaustein heißt so. Escape lässt es als Text stehen.",

  "emoji.button": "Emoji",
  "emoji.search": "Emoji suchen",
  "emoji.groups": "Gruppen",
  "emoji.group.0": "Gesichter und Gefühle",
  "emoji.group.1": "Menschen und Hände",
  "emoji.group.3": "Tiere und Natur",
  "emoji.group.4": "Essen und Trinken",
  "emoji.group.5": "Reisen und Orte",
  "emoji.group.6": "Aktivitäten",
  "emoji.group.7": "Dinge",
  "emoji.group.8": "Symbole",
  "emoji.group.9": "Flaggen",
  "emoji.nothing": "Kein Emoji heißt so.",
  "emoji.failed": "Die Emoji lassen sich nicht zeigen.",

  "busy.typing": (who: string) => `${who} schreibt`,
  "busy.viewing": (who: string) => `${who} sieht sich das an`,
  "busy.here": "da",
  "busy.away": "abwesend",

  "claim.typing": (who: string) => `${who} schreibt diesem Kontakt auch gerade.`,
  "claim.answered": (who: string, when: string) => `${who} hat ${when} geantwortet:`,
  "claim.somebody": "Jemand aus Ihrem Team",
  "claim.quote": (text: string) => `„${text}“`,
  "claim.send": "Trotzdem senden",
  "claim.keep": "Als Entwurf behalten",
} as const;

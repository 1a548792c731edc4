// Was Inhaber und Verwalter für das Team einstellen.

import { count, figures } from "./figures";

export const admin = {
  "settings.theTeam": "Das Team",
  "settings.members": "Mitglieder",
  "settings.twilio": "Twilio",
  "settings.replies": "Textbausteine",
  "settings.labels": "Labels",
  "settings.optOuts": "Abmeldungen",
  "settings.letters": "Verirrte Nachrichten",
  "settings.data": "Daten",
  "admin.looking": "Der Server des Teams wird gefragt …",

  "members.lead": "Inhaber und Verwalter ändern, was hier steht. Inhaber ändern nur Inhaber.",
  "members.you": "(Sie)",
  "members.role": "Rolle",
  "members.roleOf": (who: string) => `Rolle von ${who}`,
  "members.owner": "Inhaber",
  "members.admin": "Verwalter",
  "members.agent": "Agent",
  "members.direct": "Direkt",
  "members.directWho": (who: string) => `${who} darf arbeiten, während der Server fehlt`,
  "members.directMore":
    "Direkt: Diese Geräte lesen und antworten weiter, während der Server fehlt, mit einem eigenen Zugang, den Sie jederzeit zurücknehmen können.",
  "members.remove": "Entfernen",
  "members.removeWho": (who: string) => `${who} entfernen`,
  "members.removeTitle": (who: string) => `${who} aus dem Team entfernen?`,
  "members.removeMore":
    "Lesen und schreiben ist dann nicht mehr möglich, und die Unterhaltungen werden von den Geräten entfernt. Geschriebenes bleibt.",
  "members.invite": "Jemanden aufnehmen",
  "members.inviteHint": "name@example.com",
  "members.emailMissing": "Tragen Sie ein, mit welcher Adresse sich die Person anmeldet.",
  "members.add": "Aufnehmen",
  "members.added": (email: string) => `${email} ist jetzt im Team und meldet sich an wie bisher.`,
  "members.password": (email: string) => `${email} ist jetzt im Team und meldet sich mit diesem Passwort an:`,
  "members.passwordMore":
    "Es wird nur dieses eine Mal gezeigt. Geben Sie es auf einem Weg weiter, den sonst niemand mitliest.",

  "twilio.lead":
    "Nachrichten gehen über Ihr eigenes Twilio-Konto. Beide Angaben stehen auf der ersten Seite der Twilio-Konsole.",
  "twilio.sid": "Account-SID",
  "twilio.sidWrong": "Eine Account-SID beginnt mit AC und hat 34 Zeichen.",
  "twilio.token": "Auth-Token",
  "twilio.tokenMissing": "Tragen Sie das Auth-Token ein.",
  "twilio.where":
    "Beides wird zuerst bei Twilio geprüft. Das Token liegt verschlüsselt auf Ihrem Server und nirgends auf diesem Gerät.",
  "twilio.connect": "Verbinden",
  "twilio.checking": "Twilio wird gefragt …",
  "twilio.connected": "Verbunden mit",
  "twilio.other": "Andere Zugangsdaten",
  "twilio.noNumbers":
    "Dieses Konto hat keine Nummer. Kaufen Sie eine in der Twilio-Konsole, und verbinden Sie noch einmal.",
  "twilio.defaultNumber": "Wer noch keine Ihrer Nummern kennt, hört von",
  "twilio.defaultNumberMore":
    "Allen anderen wird von der Nummer geantwortet, an die sie zuletzt geschrieben haben.",
  "twilio.webhooks": "Wohin Nachrichten kommen",
  "twilio.getsThrough": "Twilios Anfragen kommen an.",
  "twilio.point": "Alle Nummern hierher richten",
  "twilio.pointMore": (url: string) =>
    `Nachrichten an eine Nummer kommen an, sobald Twilio sie an ${url} meldet.`,
  "twilio.test": "Ausprobieren: Ihre eigene Nummer",
  "twilio.testAdd": "Als Kontakt anlegen",
  "twilio.testAdded": (phone: string) =>
    `${phone} steht jetzt im Posteingang. Schreiben Sie wie an jeden anderen.`,
  "twilio.phoneWrong": "Schreiben Sie die Nummer mit ihrem Land, etwa +49 30 555 0100.",

  "replies.lead": "Texte, die Ihr Team immer wieder schickt. Im Eingabefeld findet man sie mit /.",
  "replies.name": "Name",
  "replies.text": "Text",
  "replies.variables":
    "Platzhalter: {{contact.first_name}}, {{contact.name}}, {{agent.name}}, {{workspace.name}}.",
  "replies.add": "Anlegen",
  "replies.save": "Speichern",
  "replies.edit": "Ändern",
  "replies.editWhich": (name: string) => `${name} ändern`,
  "replies.delete": "Löschen",
  "replies.deleteWhich": (name: string) => `${name} löschen`,

  "labels.lead": "Labels ordnen Unterhaltungen. Jedes hat eine eigene Ansicht in der Seitenleiste.",
  "labels.color": "Farbe des neuen Labels",
  "labels.colorOf": (name: string) => `Farbe von ${name}`,
  "labels.nameOf": (name: string) => `Name von ${name}`,
  "labels.new": "Ein neues Label",
  "labels.add": "Anlegen",
  "labels.deleteWhich": (name: string) => `${name} löschen`,
  "labels.deleteTitle": (name: string) => `Das Label ${name} löschen?`,
  "labels.deleteMore": "Es verschwindet von jeder Unterhaltung, die es trägt.",

  "setup.title": "Ihr Team einrichten",
  "setup.steps": "Schritte",
  "setup.isDone": "erledigt",
  "setup.connect": "Twilio verbinden",
  "setup.connectMore":
    "Nachrichten gehen und kommen über Ihr eigenes Twilio-Konto. Deskline braucht dessen SID und Auth Token; der Server bewahrt das Token verschlüsselt auf.",
  "setup.numbers": "Nummern wählen",
  "setup.numbersMore":
    "Das sind die Nummern des Kontos. Lenken Sie sie hierher, damit ankommt, was man an sie schreibt.",
  "setup.test": "Sich selbst schreiben",
  "setup.testMore":
    "Der beste Beweis ist das Telefon in Ihrer Hand. Antworten Sie, und Ihre Antwort kommt hier an.",
  "setup.testText":
    "Hallo von Deskline! Wer das liest, dem kann Ihr Team schreiben. Antworten Sie, um es ankommen zu sehen.",
  "setup.phone": "Nummer Ihres eigenen Telefons",
  "setup.send": "Senden",
  "setup.sending": "Unterwegs …",
  "setup.arrived": "Ihr Team kann schreiben.",
  "setup.invite": "Ihr Team einladen",
  "setup.inviteMore":
    "Wer neu ist, bekommt ein erstes Passwort, das Sie übergeben. Einladen können Sie jederzeit, in den Einstellungen.",
  "setup.next": "Weiter",
  "setup.skip": "Vorerst überspringen",
  "setup.later": "Später weiter",
  "setup.end": "Fertig",
  "setup.dismiss": "Nicht mehr zeigen",
  "setup.goOn": "Weiter",
  "setup.left": (n: number) => `Noch ${count(n, "Schritt", "Schritte")}, bis Ihr Team schreiben kann.`,

  "optOuts.lead":
    "Diesen Kontakten kann niemand aus Ihrem Team schreiben. Ab- und wieder angemeldet wird in der Leiste neben der Unterhaltung.",
  "optOuts.search": "Name oder Nummer",
  "optOuts.none": "Niemand hat sich abgemeldet.",
  "optOuts.nobody": "Kein Abgemeldeter heißt so.",
  "optOuts.more": "Es gibt mehr. Suchen Sie nach einem Namen oder einer Nummer.",
  "optOuts.byContact": "Per Nachricht",
  "optOuts.byAgent": (who: string) => `Durch ${who}`,
  "optOuts.byTwilio": "Bei Twilio",
  "optOuts.byOthers": "Durch ein anderes Programm",

  "letters.lead":
    "Nachrichten an Nummern, die kein Team hat. Nichts davon geht verloren, und sonst sieht sie niemand.",
  "letters.none": "Es gibt keine.",
  "letters.fromTo": (from: string, to: string) => `${from} an ${to}`,
  "letters.take": "Übernehmen",

  "data.retention": "Nachrichten, Notizen und Dateien werden aufbewahrt",
  "data.forever": "für immer",
  "data.days": (days: number) =>
    days % 365 === 0 ? count(days / 365, "Jahr", "Jahre") : count(days, "Tag", "Tage"),
  "data.retentionMore":
    "Ältere werden binnen einer Stunde gelöscht, hier und auf jedem Gerät. Kontakte bleiben, mit ihrer Einwilligung.",
  "data.retentionTitle": (days: number) => `Alles löschen, was älter ist als ${count(days, "Tag", "Tage")}?`,
  "data.retentionAsk": (days: number) =>
    `Was länger als ${count(days, "Tag", "Tage")} zurückliegt, ist binnen einer Stunde für das ganze Team endgültig weg.`,
  "data.retentionDo": "Löschen",
  "data.import": "Kontakte einlesen …",
  "data.importMore":
    "Eine CSV-Datei, deren erste Zeile die Spalten nennt: phone, name, und was Sie sonst wissen. Vorhandene Kontakte bleiben, wie sie sind.",
  "data.imported": (created: number, known: number, invalid: number) =>
    `${figures.format(created)} neu, ${figures.format(known)} schon bekannt, ${figures.format(invalid)} unbrauchbar`,
  "data.export": "Alles ausgeben",
  "data.exportMore":
    "Alle Nachrichten, Kontakte, Notizen und was aus jeder Nachricht wurde, als JSON-Zeilen. Ohne Passwörter und Tokens.",
  "data.exported": (path: string) => `Gespeichert unter ${path}`,
};

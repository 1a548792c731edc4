// The window as a whole: signing in, the connection, what happened to things.

import { count, figures, percent, texts } from "./figures";

export const window = {
  "app.name": "Deskline",
  "app.title": (unread: number) => (unread > 0 ? `(${figures.format(unread)}) Deskline` : "Deskline"),
  "app.loading": "Unterhaltungen werden geöffnet …",
  "app.close": "Schließen",
  "app.cancel": "Abbrechen",
  "app.tryAgain": "Noch einmal versuchen",
  "app.dismiss": "Ausblenden",
  "app.save": "Speichern",

  "signIn.title": "Bei Deskline anmelden",
  "signIn.lead": "Mit dem Konto, das die Verwaltung Ihres Teams für Sie angelegt hat.",
  "signIn.again": "Neu anmelden",
  "signIn.againLead":
    "Ihre Sitzung ist abgelaufen. Alles ist noch da, und was wartet, wird nach der Anmeldung gesendet.",
  "signIn.back": (email: string) => `Zurück zu ${email}`,
  "signIn.server": "Server",
  "signIn.serverHint": "https://desk.example.com",
  "signIn.email": "E-Mail",
  "signIn.password": "Passwort",
  "signIn.submit": "Anmelden",
  "signIn.busy": "Anmeldung läuft …",
  "signIn.keychainHint":
    "Bis dahin kann nichts gelesen werden, was auf diesem Gerät liegt, und wer sich anmeldet, behält hier nichts.",
  "signIn.serverMissing": "Geben Sie die Adresse des Servers Ihres Teams ein.",
  "signIn.emailMissing": "Geben Sie Ihre E-Mail-Adresse ein.",
  "signIn.passwordMissing": "Geben Sie Ihr Passwort ein.",

  "hint.badCredentials":
    "Prüfen Sie beides und versuchen Sie es erneut. Die Verwaltung kann ein neues Passwort setzen.",
  "hint.notAServer": "Die Adresse sieht meist aus wie https://desk.example.com.",
  "hint.unreachable": "Stimmt beides, dann fragen Sie, ob der Server läuft.",
  "hint.internal": "Versuchen Sie es noch einmal. Bleibt es dabei, starten Sie Deskline neu.",
  "hint.none": "",
  "error.unknown": "Etwas ist schiefgegangen.",

  "connection.label": "Verbindung",
  "connection.live": "Verbunden",
  "connection.direct": "Verbunden ohne Server",
  "connection.connecting": "Verbindung wird aufgebaut …",
  "connection.syncing": "Nachrichten werden geholt …",
  "connection.offline": "Offline",
  "connection.incompatible": "Aktualisierung nötig",
  "connection.signedOut": "Abgemeldet",
  "connection.progress": (done: number, total: number) =>
    `${figures.format(done)} von etwa ${figures.format(total)} Nachrichten und Kontakten geholt`,
  "connection.percent": (part: number) => percent.format(part),

  "audit.line": (twilio: number, here: number, when: string) =>
    `Twilio ${figures.format(twilio)} ${twilio === here ? "=" : "≠"} hier ${figures.format(here)}, geprüft ${when}`,
  "audit.now": "gerade eben",
  "audit.minutes": (n: number) => `vor ${count(n, "Minute", "Minuten")}`,
  "audit.hours": (n: number) => `vor ${count(n, "Stunde", "Stunden")}`,
  "audit.days": (n: number) => `vor ${count(n, "Tag", "Tagen")}`,
  "audit.more":
    "Nachrichten des letzten Tages oder länger, die Twilio aufführt, und wie viele davon der Server Ihres Teams hat",
  "outbox.title": "Postausgang",
  "outbox.show": "Zeigen",
  "outbox.counted": (n: number, stuck: number) =>
    `Postausgang, ${texts(n)}${stuck === 0 ? "" : `, ${figures.format(stuck)} davon warten auf Sie`}`,
  "outbox.lead":
    "Diese Nachrichten sind nur auf diesem Computer. Was wartet, geht von selbst und der Reihe nach; die anderen warten auf Sie.",
  "outbox.empty": "Alles hat diesen Computer verlassen.",
  "outbox.nobody": "Ein Kontakt, den es nicht mehr gibt",
  "outbox.retryAll": (n: number) => `Alle ${figures.format(n)} angehaltenen noch einmal senden`,

  "bar.offline": (since: string) => `Offline seit ${since}.`,
  "bar.waiting": (n: number) =>
    n === 0
      ? "Alles lässt sich lesen; was Sie schreiben, wartet hier."
      : `${texts(n)} ${n === 1 ? "wartet" : "warten"} auf das Senden.`,
  "bar.reconnecting": "Verbindung wird wiederhergestellt …",
  "bar.expired": "Ihre Sitzung ist abgelaufen. Alles ist noch da; nichts ist verloren.",
  "bar.leaseOver": "Melden Sie sich an, um Ihre Unterhaltungen wieder zu holen.",
  "bar.update": "Ein neueres Deskline ist installiert.",
  "bar.updateMore":
    "Es gilt nach einem Neustart: Der dauert einen Augenblick, und Entwürfe und Wartendes bleiben.",
  "bar.updateNow": "Neu starten",
  "bar.updateLater": "Später",
  "bar.diskFull": "Die Festplatte dieses Computers ist voll.",
  "bar.diskFullMore":
    "Nichts Neues kann hier aufbewahrt werden, und keine Nachricht geht hinaus. Schaffen Sie Platz: Dann geht alles von selbst weiter.",
  "bar.clockMore":
    "Bis die Uhr gestellt ist, werden Zeiten hier falsch angezeigt; sonst hängt nichts davon ab.",
  "bar.rebuilding": "Sie wird erneut von Ihrem Server geholt; was Sie geschrieben haben, bleibt.",
  "bar.rebuildingLater":
    "Sie wird erneut geholt, sobald der Server erreichbar ist; was Sie geschrieben haben, bleibt.",
  "bar.incompatible": "Deskline und der Server Ihres Teams passen nicht zusammen.",
  "bar.memoryOnly":
    "Dieses System hat keinen Schlüsselbund, darum speichert Deskline nichts auf der Festplatte. Beim Schließen gehen wartende Nachrichten verloren.",

  "taken.title": (what: string, name: string) =>
    name === "" ? `Zurückgenommen: ${what}.` : `Zurückgenommen bei ${name}: ${what}.`,
  "taken.more": (n: number) => `Und ${count(n, "weiteres", "weitere")}.`,
  "taken.markRead": "als gelesen markiert",
  "taken.markUnread": "als ungelesen markiert",
  "taken.assign": "die Zuweisung",
  "taken.unassign": "die Zuweisung",
  "taken.setStatus": "der neue Status",
  "taken.close": "das Schließen",
  "taken.resend": "das erneute Senden",
  "taken.snooze": "das Zurückstellen",
  "taken.addLabel": "das Label",
  "taken.removeLabel": "das Label",
  "taken.createLabel": "das neue Label",
  "taken.updateLabel": "die Änderung des Labels",
  "taken.deleteLabel": "das Löschen des Labels",
  "taken.addNote": "Ihre Notiz",
  "taken.editNote": "Ihre Notiz",
  "taken.deleteNote": "das Löschen der Notiz",
  "taken.createCannedReply": "der Textbaustein",
  "taken.updateCannedReply": "der Textbaustein",
  "taken.deleteCannedReply": "das Löschen des Textbausteins",
  "taken.renameContact": "der neue Name",
  "taken.setAttribute": "das Merkmal",
  "taken.removeAttribute": "das Merkmal",
  "taken.mergeContacts": "das Zusammenführen",
  "taken.block": "das Blockieren",
  "taken.unblock": "das Aufheben der Blockierung",
  "taken.renameMember": "der neue Name",
} as const;

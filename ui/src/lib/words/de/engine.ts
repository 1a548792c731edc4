// What the engine and the server say, by their English: why something failed, and what happened to what this machine keeps.

import type { Sentences } from "@/lib/engine";
import { ways } from "./engine/ways";

export const sentences: Sentences = {
  // crates/client/src/error.rs
  "Nobody is signed in. Sign in and try again.":
    "Niemand ist angemeldet. Melden Sie sich an, und versuchen Sie es noch einmal.",
  "The e-mail address or the password is wrong.": "Die E-Mail-Adresse oder das Passwort ist falsch.",
  "There is no Deskline server at {}. Check the address with whoever runs it.":
    "Unter {} gibt es keinen Deskline-Server. Fragen Sie, wer ihn betreibt, nach der Adresse.",
  "The server at {} cannot be reached: {}. Check the address and your connection.":
    "Der Server {} ist nicht erreichbar: {}. Prüfen Sie die Adresse und Ihre Verbindung.",
  "Deskline cannot work without the server: {}.": "Deskline kann ohne den Server nicht arbeiten: {}.",
  "This {} is not on this machine. It may have been removed meanwhile.":
    "Auf diesem Computer nicht zu finden: {}. Vielleicht wurde es inzwischen entfernt.",
  "This text has left already.": "Diese Nachricht ist schon unterwegs.",
  "Another Deskline uses the folder {}. Close it first.":
    "Ein anderes Deskline benutzt den Ordner {}. Schließen Sie es zuerst.",
  "The disk of this computer is full, so that nothing can be kept. Make some room, and try again.":
    "Die Festplatte dieses Computers ist voll, es kann nichts aufbewahrt werden. Schaffen Sie Platz, und versuchen Sie es noch einmal.",
  "The local copy cannot be used": "Die Kopie auf diesem Computer ist nicht zu gebrauchen",
  "The system's keychain cannot be used: {}": "Der Schlüsselbund des Systems ist nicht zu gebrauchen: {}",
  "{} cannot be used: {}. Nothing that you write could be kept.":
    "{} ist nicht zu gebrauchen: {}. Nichts, was Sie schreiben, könnte aufbewahrt werden.",
  "The server answered with an error: {}": "Der Server meldet einen Fehler: {}",
  contact: "Kontakt",
  conversation: "Unterhaltung",
  message: "Nachricht",
  text: "Nachricht",
  note: "Notiz",
  label: "Label",
  member: "Mitglied",
  team: "Team",
  file: "Datei",
  "canned reply": "Textbaustein",

  // crates/domain/src/gate.rs
  "This contact has opted out. They can opt in again by texting START.":
    "Dieser Kontakt hat sich abgemeldet. Wer START schreibt, meldet sich wieder an.",
  "There is nothing to send. Write a text or attach a file.":
    "Es gibt nichts zu senden. Schreiben Sie etwas, oder hängen Sie eine Datei an.",
  "This text is longer than the 1,600 characters that Twilio takes. Shorten it or send it in parts.":
    "Diese Nachricht ist länger als die 1.600 Zeichen, die Twilio nimmt. Kürzen Sie sie, oder senden Sie sie in Teilen.",
  "This sender cannot be answered: it has a name, but no number.":
    "Diesem Absender kann man nicht antworten: Er hat einen Namen, aber keine Nummer.",
  "This text contains a character that cannot be sent (NUL). Remove it and send again.":
    "In dieser Nachricht ist ein Zeichen, das sich nicht senden lässt (NUL). Entfernen Sie es, und senden Sie noch einmal.",
  "A text can carry ten files at most. Remove some and send again.":
    "Eine Nachricht trägt höchstens zehn Dateien. Entfernen Sie einige, und senden Sie noch einmal.",
  "These files are larger than the 5 MB that Twilio takes with one text. Remove some and send again.":
    "Diese Dateien sind größer als die 5 MB, die Twilio mit einer Nachricht nimmt. Entfernen Sie einige, und senden Sie noch einmal.",

  // crates/domain/src/file.rs
  "Something other than the file arrived, perhaps a page of the server's network.":
    "Statt der Datei kam etwas anderes an, vielleicht eine Seite aus dem Netz des Servers.",
  "This file says that it is {}, and is {}. Send it as what it is.":
    "Diese Datei gibt sich als {} aus und ist {}. Senden Sie sie als das, was sie ist.",
  "Twilio takes no files of the type {}. Send a JPEG, PNG or GIF, or another type that phones can show.":
    "Twilio nimmt keine Dateien der Art {}. Senden Sie ein JPEG, PNG oder GIF, oder eine andere Art, die Telefone zeigen.",

  // crates/domain/src/command/rules.rs
  "This text contains a character that cannot be stored (NUL). Remove it and try again.":
    "In diesem Text ist ein Zeichen, das sich nicht speichern lässt (NUL). Entfernen Sie es, und versuchen Sie es noch einmal.",
  "A name is missing.": "Es fehlt ein Name.",
  "This name is longer than {} characters.": "Dieser Name ist länger als {} Zeichen.",
  "A colour is written as # and six hexadecimal digits, such as #3366ff.":
    "Eine Farbe schreibt man als # und sechs hexadezimale Ziffern, etwa #3366ff.",
  "There is no text in it.": "Darin steht nichts.",
  "A note can have 10,000 characters at most.": "Eine Notiz hat höchstens 10.000 Zeichen.",
  "A note can mention {} members at most.": "Eine Notiz nennt höchstens {} Mitglieder.",
  "A canned reply can have 1,600 characters at most, as every text.":
    "Ein Textbaustein hat höchstens 1.600 Zeichen, wie jede Nachricht.",
  "The name of an attribute is made of up to 50 lower-case letters, digits and _, and begins with a letter.":
    "Der Name eines Merkmals besteht aus bis zu 50 kleinen Buchstaben, Ziffern und _, und beginnt mit einem Buchstaben.",
  "An attribute can have 1,000 characters at most.": "Ein Merkmal hat höchstens 1.000 Zeichen.",
  "To snooze a conversation, say until when.": "Sagen Sie, bis wann die Unterhaltung zurückgestellt wird.",
  "A conversation cannot be snoozed that long.": "So lange lässt sich eine Unterhaltung nicht zurückstellen.",
  "A contact cannot be merged with itself.": "Ein Kontakt lässt sich nicht mit sich selbst vereinen.",

  // crates/client/src/outbox/hold.rs
  "The contact has written something that you had not seen when you wrote this.":
    "Der Kontakt hat etwas geschrieben, das Sie noch nicht gesehen hatten, als Sie dies schrieben.",
  "The time that you chose has passed: this computer could not hand the text to your team's server before it.":
    "Der gewählte Zeitpunkt ist vorbei: Dieser Computer konnte die Nachricht vorher nicht an den Server Ihres Teams geben.",
  "Somebody else has answered the contact since you wrote this.":
    "Inzwischen hat jemand anderes dem Kontakt geantwortet.",
  "You wrote this {} minutes ago, and it could not leave until now.":
    "Sie haben dies vor {} Minuten geschrieben, und es konnte bis jetzt nicht hinaus.",
  "You wrote this {} hours ago, and it could not leave until now.":
    "Sie haben dies vor {} Stunden geschrieben, und es konnte bis jetzt nicht hinaus.",
  "You wrote this {} days ago, and it could not leave until now.":
    "Sie haben dies vor {} Tagen geschrieben, und es konnte bis jetzt nicht hinaus.",

  // What an agent asks for and cannot have: crates/client/src/client
  "Only owners and admins of this team may do this.": "Das darf nur die Verwaltung dieses Teams.",
  "Only its author can change a note.": "Nur wer eine Notiz geschrieben hat, kann sie ändern.",
  "Only its author, an admin or an owner can delete a note.":
    "Nur wer eine Notiz geschrieben hat, und die Verwaltung, können sie löschen.",
  "Only admins and owners can give somebody else a name.":
    "Nur die Verwaltung kann jemand anderem einen Namen geben.",
  "Nothing is kept on this disk. Restart Deskline to fetch everything anew.":
    "Auf dieser Festplatte wird nichts aufbewahrt. Starten Sie Deskline neu, um alles neu zu holen.",
  "The server cannot be reached at the moment. Try again when you are connected.":
    "Der Server ist gerade nicht erreichbar. Versuchen Sie es noch einmal, wenn Sie verbunden sind.",
  "You asked for the copy of your team’s texts to be fetched anew.":
    "Sie wollten, dass die Kopie der Nachrichten Ihres Teams neu geholt wird.",
  "This time has passed. Choose another one.": "Dieser Zeitpunkt ist vorbei. Wählen Sie einen anderen.",
  "A text can wait for a year at most. Choose another time.":
    "Eine Nachricht kann höchstens ein Jahr warten. Wählen Sie einen anderen Zeitpunkt.",
  "That is not your present password.": "Das ist nicht Ihr jetziges Passwort.",
  "That was wrong too often. Wait for five minutes, and try again.":
    "Das war zu oft falsch. Warten Sie fünf Minuten, und versuchen Sie es noch einmal.",
  "The picture on the clipboard cannot be read.": "Das Bild in der Zwischenablage ist nicht zu lesen.",
  "This file is empty.": "Diese Datei ist leer.",
  "This file is too large.": "Diese Datei ist zu groß.",
  "The program is closing.": "Das Programm schließt gerade.",
  "There is no conversation with {} on this computer.":
    "Auf diesem Computer gibt es keine Unterhaltung mit {}.",
  "This picture cannot be shown. Save it to look at it.":
    "Dieses Bild lässt sich nicht zeigen. Sichern Sie es, um es anzusehen.",
  "It could not be delivered, and nobody said why. Try again later.":
    "Sie wurde nicht zugestellt, und niemand sagte, warum. Versuchen Sie es später noch einmal.",
  "This contact no longer exists on the server.": "Diesen Kontakt gibt es auf dem Server nicht mehr.",
  "This team has no Twilio account yet. An admin must connect one; then send the text again.":
    "Dieses Team hat noch kein Twilio-Konto. Die Verwaltung muss eines verbinden; senden Sie dann noch einmal.",
  "You are no longer a member of this team, so that the text cannot be sent.":
    "Sie gehören nicht mehr zu diesem Team, die Nachricht kann nicht gesendet werden.",
  "This team has no number to send from. An admin must add one; then send the text again.":
    "Dieses Team hat keine Nummer, von der gesendet wird. Die Verwaltung muss eine hinzufügen; senden Sie dann noch einmal.",
  "You are not a member of this team any more.": "Sie gehören nicht mehr zu diesem Team.",
  "You are no longer a member of {}. Its conversations were removed from this computer.":
    "Sie gehören nicht mehr zu {}. Die Unterhaltungen wurden von diesem Computer entfernt.",
  "You can no longer work without your team's server: an admin has taken that back. Through the server, everything goes on.":
    "Ohne den Server Ihres Teams können Sie nicht mehr arbeiten: Die Verwaltung hat es zurückgenommen. Über den Server geht alles weiter.",
  "This text cannot be called off any more: it has left, or is leaving at this moment.":
    "Diese Nachricht lässt sich nicht mehr zurückhalten: Sie ist hinaus, oder geht gerade.",
  "This text is not waiting for its time any more: it has left, or is about to.":
    "Diese Nachricht wartet nicht mehr auf ihre Zeit: Sie ist hinaus, oder geht gleich.",
  "This contact has opted out by text. Only they can opt in again, by texting START.":
    "Dieser Kontakt hat sich per Nachricht abgemeldet. Nur er selbst kann sich wieder anmelden, indem er START schreibt.",
  "The password must have 8 to 1000 characters.": "Das Passwort muss 8 bis 1000 Zeichen haben.",
  "This label is no longer there.": "Dieses Label gibt es nicht mehr.",
  "This contact is no longer there.": "Diesen Kontakt gibt es nicht mehr.",
  "This note is no longer there.": "Diese Notiz gibt es nicht mehr.",
  "The contact has written something that you had not seen.":
    "Der Kontakt hat etwas geschrieben, das Sie nicht gesehen hatten.",
  "This text did not fail.": "Diese Nachricht ist nicht fehlgeschlagen.",
  "Invalid Twilio credentials": "Twilio nimmt diese Zugangsdaten nicht an",

  // How it stands with the server and this machine: crates/client/src/sync/run.rs, upstream/answer.rs (the rest is in engine/ways.ts), mend
  "The server cannot be reached: {}.": "Der Server ist nicht erreichbar: {}.",
  "The server has a problem of its own ({}).": "Der Server hat selbst ein Problem ({}).",
  "Something else than the server answers ({}).": "Etwas anderes als der Server antwortet ({}).",
  "The server cannot be used.": "Der Server ist nicht zu gebrauchen.",
  "This Deskline speaks version {} of the protocol, and the server wants a newer one. Update Deskline.":
    "Dieses Deskline spricht Version {} des Protokolls, und der Server will eine neuere. Aktualisieren Sie Deskline.",
  "The copy of the conversations on this computer was damaged.":
    "Die Kopie der Unterhaltungen auf diesem Computer war beschädigt.",
  "The copy of the conversations on this computer was made by a newer Deskline.":
    "Die Kopie der Unterhaltungen auf diesem Computer stammt von einem neueren Deskline.",
  "The file with the texts that wait here and with your drafts was damaged.":
    "Die Datei mit den wartenden Nachrichten und Ihren Entwürfen war beschädigt.",
  "All of it could be read, and is here.": "Alles daraus ließ sich lesen und ist da.",
  "It was put together from its backup and from what could be read of it.":
    "Sie wurde aus ihrer Sicherung und dem Lesbaren zusammengesetzt.",
  "What you wrote in the last seconds before may be missing: have a look at the texts that wait.":
    "Was Sie in den letzten Sekunden davor schrieben, fehlt vielleicht: Sehen Sie nach, was wartet.",
  "The clock of this computer is {} days ahead of your server's.":
    "Die Uhr dieses Computers geht {} Tage vor, verglichen mit Ihrem Server.",
  "The clock of this computer is {} hours ahead of your server's.":
    "Die Uhr dieses Computers geht {} Stunden vor, verglichen mit Ihrem Server.",
  "The clock of this computer is {} minutes ahead of your server's.":
    "Die Uhr dieses Computers geht {} Minuten vor, verglichen mit Ihrem Server.",
  "The clock of this computer is {} days behind your server's.":
    "Die Uhr dieses Computers geht {} Tage nach, verglichen mit Ihrem Server.",
  "The clock of this computer is {} hours behind your server's.":
    "Die Uhr dieses Computers geht {} Stunden nach, verglichen mit Ihrem Server.",
  "The clock of this computer is {} minutes behind your server's.":
    "Die Uhr dieses Computers geht {} Minuten nach, verglichen mit Ihrem Server.",
  "This computer had no contact with your server for {} days, so its copy of the conversations was removed, as it would be on a lost one. Sign in, and it is fetched again. What you wrote and could not send is kept.":
    "Dieser Computer hatte {} Tage lang keinen Kontakt zu Ihrem Server, darum wurde seine Kopie der Unterhaltungen entfernt, wie auf einem verlorenen. Melden Sie sich an, und sie wird neu geholt. Was Sie schrieben und nicht senden konnten, bleibt.",
  "{} answered {} meanwhile: {}. What you wrote is kept as your draft.":
    "{} hat {} inzwischen geantwortet: {}. Was Sie schrieben, bleibt als Ihr Entwurf.",
  "Somebody else": "Jemand anderes",
  "with a file": "mit einer Datei",

  // crates/twilio/src/explain.rs
  "The Twilio account is not active. An admin must look into it in the Twilio console.":
    "Das Twilio-Konto ist nicht aktiv. Die Verwaltung muss in der Twilio-Konsole nachsehen.",
  "Twilio could not reach this Deskline server. An admin must check the server's public address.":
    "Twilio konnte diesen Deskline-Server nicht erreichen. Die Verwaltung muss seine öffentliche Adresse prüfen.",
  "The files are larger than Twilio or the recipient's network takes. Send smaller ones.":
    "Die Dateien sind größer, als Twilio oder das Netz des Empfängers nimmt. Senden Sie kleinere.",
  "Twilio does not take a file of this type. Send a JPEG, PNG or GIF instead.":
    "Twilio nimmt keine Datei dieser Art. Senden Sie stattdessen ein JPEG, PNG oder GIF.",
  "Too many texts went out in a short time. Twilio takes more in a moment.":
    "In kurzer Zeit gingen zu viele Nachrichten hinaus. Gleich nimmt Twilio wieder welche.",
  "Twilio does not accept the stored credentials. An admin must connect the Twilio account again.":
    "Twilio nimmt die gespeicherten Zugangsdaten nicht an. Die Verwaltung muss das Konto neu verbinden.",
  "These are Twilio's test credentials, which cannot send real texts. An admin must connect the live ones.":
    "Das sind Twilios Test-Zugangsdaten, die keine echten Nachrichten senden. Die Verwaltung muss die echten verbinden.",
  "Twilio does not know what was asked for. It may have been deleted in the Twilio console.":
    "Twilio kennt das Verlangte nicht. Vielleicht wurde es in der Twilio-Konsole gelöscht.",
  "Twilio asks us to slow down. The text goes out by itself in a moment.":
    "Twilio bittet um Geduld. Die Nachricht geht gleich von selbst hinaus.",
  "Twilio has a problem of its own. Try again later.":
    "Twilio hat selbst ein Problem. Versuchen Sie es später noch einmal.",
  "Twilio is not available at the moment. Try again later.":
    "Twilio ist gerade nicht verfügbar. Versuchen Sie es später noch einmal.",
  "This is not a valid phone number. Check the contact's number, with its country code.":
    "Das ist keine gültige Telefonnummer. Prüfen Sie die Nummer des Kontakts, mit Landesvorwahl.",
  "The number this was sent from is not valid. An admin must check the workspace's numbers.":
    "Die Nummer, von der gesendet wurde, ist nicht gültig. Die Verwaltung muss die Nummern des Teams prüfen.",
  "This phone number does not look right. Check the contact's number, with its country code.":
    "Diese Telefonnummer sieht nicht richtig aus. Prüfen Sie die Nummer des Kontakts, mit Landesvorwahl.",
  "The contact has the same number as this workspace. A text cannot go from a number to itself.":
    "Der Kontakt hat dieselbe Nummer wie dieses Team. Eine Nachricht kann nicht von einer Nummer an sie selbst gehen.",
  "The Twilio account may not text to this country. An admin can allow it under Geo Permissions in the console.":
    "Das Twilio-Konto darf nicht in dieses Land schreiben. Die Verwaltung kann es in der Konsole unter Geo Permissions erlauben.",
  "The number this was sent from cannot text. An admin must choose another one.":
    "Die Nummer, von der gesendet wurde, kann keine Nachrichten. Die Verwaltung muss eine andere wählen.",
  "There was nothing to send. Write a text or attach a file.":
    "Es gab nichts zu senden. Schreiben Sie etwas, oder hängen Sie eine Datei an.",
  "No number to send from was given. An admin must check the workspace's numbers.":
    "Es fehlte eine Nummer, von der gesendet wird. Die Verwaltung muss die Nummern des Teams prüfen.",
  "No number to send to was given. Check the contact's number.":
    "Es fehlte eine Nummer, an die gesendet wird. Prüfen Sie die Nummer des Kontakts.",
  "The number this was sent from does not belong to the Twilio account, or cannot text. An admin must check the workspace's numbers.":
    "Die Nummer, von der gesendet wurde, gehört nicht zum Twilio-Konto oder kann keine Nachrichten. Die Verwaltung muss die Nummern des Teams prüfen.",
  "A trial account of Twilio can only text to verified numbers. An admin can verify this one or upgrade the account.":
    "Ein Probekonto von Twilio kann nur an bestätigte Nummern schreiben. Die Verwaltung kann diese bestätigen oder das Konto aufwerten.",
  "Twilio does not accept this server's public address for delivery reports. An admin must check it.":
    "Twilio nimmt die öffentliche Adresse dieses Servers für Zustellberichte nicht an. Die Verwaltung muss sie prüfen.",
  "This contact has opted out by texting STOP. They can opt in again by texting START.":
    "Dieser Kontakt hat sich mit STOP abgemeldet. Mit START meldet er sich wieder an.",
  "Too many texts are waiting to leave from this number. Wait until some have left, then send again.":
    "Zu viele Nachrichten warten darauf, von dieser Nummer zu gehen. Warten Sie, bis einige hinaus sind, und senden Sie dann noch einmal.",
  "Twilio has no way from this number to the contact's. An admin can try another number.":
    "Twilio hat keinen Weg von dieser Nummer zu der des Kontakts. Die Verwaltung kann eine andere Nummer versuchen.",
  "This number cannot receive texts; it may be a landline. Check the contact's number.":
    "Diese Nummer kann keine Nachrichten empfangen; vielleicht ist es ein Festnetzanschluss. Prüfen Sie die Nummer des Kontakts.",
  "The text is longer than the 1,600 characters that Twilio takes. Shorten it or send it in parts.":
    "Die Nachricht ist länger als die 1.600 Zeichen, die Twilio nimmt. Kürzen Sie sie, oder senden Sie sie in Teilen.",
  "Twilio cannot use the address of a file. Attach it again.":
    "Twilio kann mit der Adresse einer Datei nichts anfangen. Hängen Sie sie noch einmal an.",
  "Twilio did not accept the variables of this template. An admin must check it.":
    "Twilio nahm die Variablen dieser Vorlage nicht an. Die Verwaltung muss sie prüfen.",
  "The number this was sent from does not belong to the Twilio account. An admin must check the workspace's numbers.":
    "Die Nummer, von der gesendet wurde, gehört nicht zum Twilio-Konto. Die Verwaltung muss die Nummern des Teams prüfen.",
  "The number this was sent from belongs to another Twilio account. An admin must check the workspace's numbers.":
    "Die Nummer, von der gesendet wurde, gehört zu einem anderen Twilio-Konto. Die Verwaltung muss die Nummern des Teams prüfen.",
  "The Messaging Service has no number that can text this contact. An admin must add one.":
    "Der Messaging Service hat keine Nummer, die diesem Kontakt schreiben kann. Die Verwaltung muss eine hinzufügen.",
  "The Messaging Service does not exist. An admin must check the workspace's settings.":
    "Den Messaging Service gibt es nicht. Die Verwaltung muss die Einstellungen des Teams prüfen.",
  "Too many texts were waiting and this one waited too long. Send it again.":
    "Zu viele Nachrichten warteten, und diese zu lange. Senden Sie sie noch einmal.",
  "The Twilio account was suspended before the text left. An admin must look into it in the Twilio console.":
    "Das Twilio-Konto wurde gesperrt, bevor die Nachricht hinaus war. Die Verwaltung muss in der Twilio-Konsole nachsehen.",
  "The phone could not be reached. It may be switched off, without signal, or unable to receive texts. Try again later.":
    "Das Telefon war nicht erreichbar. Vielleicht ist es aus, ohne Netz, oder kann keine Nachrichten empfangen. Versuchen Sie es später noch einmal.",
  "The text was blocked. The contact's phone, plan or carrier does not take texts from this number.":
    "Die Nachricht wurde blockiert. Telefon, Tarif oder Netz des Kontakts nehmen nichts von dieser Nummer.",
  "This number is unknown or no longer in use. Check the contact's number.":
    "Diese Nummer ist unbekannt oder nicht mehr vergeben. Prüfen Sie die Nummer des Kontakts.",
  "This number cannot receive texts: it is a landline, or its carrier is out of reach. Try another number.":
    "Diese Nummer kann keine Nachrichten empfangen: Sie ist ein Festnetzanschluss, oder ihr Netz ist nicht erreichbar. Versuchen Sie eine andere.",
  "The carrier took this text for spam and stopped it. Rephrase it without links and send again; if it keeps happening, an admin must talk to Twilio.":
    "Das Netz hielt diese Nachricht für Werbung und hielt sie auf. Schreiben Sie sie anders, ohne Links, und senden Sie noch einmal; kommt es öfter vor, muss die Verwaltung mit Twilio sprechen.",
  "The carrier did not deliver the text and does not say why. Try again later.":
    "Das Netz hat die Nachricht nicht zugestellt und sagt nicht, warum. Versuchen Sie es später noch einmal.",
  "Part of a long text was lost on its way. Send it again.":
    "Ein Teil einer langen Nachricht ging unterwegs verloren. Senden Sie sie noch einmal.",
  "The text would have cost more than the price limit that the account has set.":
    "Die Nachricht hätte mehr gekostet, als das Konto erlaubt.",
  "The contact's carrier does not take pictures from this number. Send the text without the file.":
    "Das Netz des Kontakts nimmt von dieser Nummer keine Bilder. Senden Sie die Nachricht ohne die Datei.",
  "The carrier's network is congested. Try again later.":
    "Das Netz ist überlastet. Versuchen Sie es später noch einmal.",
  "The file is too large for the contact's carrier. Send a smaller one.":
    "Die Datei ist dem Netz des Kontakts zu groß. Senden Sie eine kleinere.",
  "The daily limit of the campaign is used up. Texts go out again tomorrow.":
    "Das Tageslimit der Kampagne ist aufgebraucht. Morgen gehen wieder Nachrichten hinaus.",
  "The carrier's daily limit for this brand is used up. Texts go out again tomorrow.":
    "Das Tageslimit des Netzes für diese Marke ist aufgebraucht. Morgen gehen wieder Nachrichten hinaus.",
  "The short code or sender is not set up for this carrier. An admin must ask Twilio.":
    "Kurzwahl oder Absender sind für dieses Netz nicht eingerichtet. Die Verwaltung muss Twilio fragen.",
  "This toll-free number is not verified yet, so carriers block its texts. An admin must verify it with Twilio.":
    "Diese gebührenfreie Nummer ist noch nicht bestätigt, darum blockieren Netze ihre Nachrichten. Die Verwaltung muss sie bei Twilio bestätigen.",
  "This number is not registered for business texts in the United States (A2P 10DLC). An admin must register it with Twilio.":
    "Diese Nummer ist nicht für geschäftliche Nachrichten in den USA angemeldet (A2P 10DLC). Die Verwaltung muss sie bei Twilio anmelden.",
  "This number's registration is not finished yet. An admin can see in the Twilio console what is missing.":
    "Die Anmeldung dieser Nummer ist noch nicht fertig. Was fehlt, sieht die Verwaltung in der Twilio-Konsole.",
  "The text waited longer than it was allowed to and was not sent. Send it again.":
    "Die Nachricht wartete länger als erlaubt und wurde nicht gesendet. Senden Sie sie noch einmal.",
  "The carrier did not answer in time. Try again later.":
    "Das Netz antwortete nicht rechtzeitig. Versuchen Sie es später noch einmal.",
  "Twilio held this text back to protect the contact from a flood of texts. Try again later.":
    "Twilio hielt diese Nachricht zurück, um den Kontakt vor einer Flut zu schützen. Versuchen Sie es später noch einmal.",
  "Twilio could not hand the text over. Try again later.":
    "Twilio konnte die Nachricht nicht übergeben. Versuchen Sie es später noch einmal.",
  "The content of this text is not allowed on this number. An admin must look into it.":
    "Der Inhalt dieser Nachricht ist auf dieser Nummer nicht erlaubt. Die Verwaltung muss sich darum kümmern.",
  "The account's daily limit of texts is used up. Texts go out again tomorrow.":
    "Das Tageslimit des Kontos ist aufgebraucht. Morgen gehen wieder Nachrichten hinaus.",
  "Something is wrong with the Twilio account or its settings. An admin must look into it in the Twilio console.":
    "Mit dem Twilio-Konto oder seinen Einstellungen stimmt etwas nicht. Die Verwaltung muss in der Twilio-Konsole nachsehen.",
  "Twilio did not accept the request. An admin must check the connection to Twilio.":
    "Twilio nahm die Anfrage nicht an. Die Verwaltung muss die Verbindung zu Twilio prüfen.",
  "Twilio did not accept this text. Check the number and the text, then send again.":
    "Twilio nahm diese Nachricht nicht an. Prüfen Sie Nummer und Text, und senden Sie noch einmal.",
  "The text left, but the carrier did not deliver it. Try again later.":
    "Die Nachricht ging hinaus, aber das Netz stellte sie nicht zu. Versuchen Sie es später noch einmal.",
  "A service of Twilio that this number uses did not take the text. An admin must look into it in the console.":
    "Ein Dienst von Twilio, den diese Nummer benutzt, nahm die Nachricht nicht. Die Verwaltung muss in der Konsole nachsehen.",
  "Twilio could not send this text and gave a reason that Deskline does not know.":
    "Twilio konnte diese Nachricht nicht senden und nannte einen Grund, den Deskline nicht kennt.",
  "Twilio cannot be reached. The text goes out by itself once it can be.":
    "Twilio ist nicht erreichbar. Die Nachricht geht von selbst hinaus, sobald es geht.",
  "Twilio did not answer. Deskline looks whether it has the text before sending it again.":
    "Twilio antwortete nicht. Deskline sieht nach, ob es die Nachricht hat, bevor es noch einmal sendet.",
  "Twilio has a problem of its own. Deskline looks whether it has the text before sending it again.":
    "Twilio hat selbst ein Problem. Deskline sieht nach, ob es die Nachricht hat, bevor es noch einmal sendet.",
  "Something other than Twilio answered, perhaps a proxy or a sign-in page of the network. An admin must check the server's way to the internet.":
    "Etwas anderes als Twilio antwortete, vielleicht ein Proxy oder eine Anmeldeseite des Netzes. Die Verwaltung muss den Weg des Servers ins Internet prüfen.",
  "This machine cannot make secure connections. An admin must check its certificates.":
    "Dieser Rechner kann keine sicheren Verbindungen aufbauen. Die Verwaltung muss seine Zertifikate prüfen.",

  // Behind the sentences that these stand in: the first that fits is taken.
  ...ways,
};

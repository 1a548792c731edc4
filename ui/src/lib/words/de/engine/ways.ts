// What the engine says of its ways to the server, to the team's database and to Twilio. Most of it stands inside another sentence, so it begins
// small and ends without a full stop.

import type { Sentences } from "@/lib/engine";

export const ways: Sentences = {
  // crates/client/src/upstream/answer.rs
  "it does not answer": "er antwortet nicht",
  "nothing answers at this address": "unter dieser Adresse antwortet nichts",
  "the connection broke": "die Verbindung brach ab",
  "there is no network": "es gibt kein Netz",
  "no way leads to it from this network": "aus diesem Netz führt kein Weg dorthin",
  "its name is not known": "sein Name ist nicht bekannt",
  "something in between answered {}": "etwas dazwischen antwortete {}",
  "the proxy wants another name or password": "der Proxy will einen anderen Namen oder ein anderes Passwort",
  "the proxy does not let it through": "der Proxy lässt es nicht durch",
  "its certificate is not trusted on this computer. If your network or your server has certificates of its own, name their file in the network settings":
    "dieser Computer vertraut seinem Zertifikat nicht. Hat Ihr Netz oder Ihr Server eigene Zertifikate, nennen Sie deren Datei in den Netzwerkeinstellungen",
  "{}. Without it, {}": "{}. Ohne ihn: {}",
  "the feed is another one": "der Strom der Änderungen ist ein anderer",
  "its database does not take this agent's login": "seine Datenbank lässt diese Anmeldung nicht zu",

  // crates/client/src/upstream.rs, upstream/direct.rs, upstream/direct/send.rs, upstream/direct/office.rs
  "texts for later are kept by the team's server": "Nachrichten für später bewahrt der Server des Teams auf",
  "a team is set up through its server": "ein Team wird über seinen Server eingerichtet",
  "files go through the team's server": "Dateien gehen über den Server des Teams",
  "files are with the team's server": "Dateien liegen auf dem Server des Teams",
  "what was agreed to is told by the team's server": "wozu jemand zugestimmt hat, weiß der Server des Teams",
  "what became of a conversation is told by the team's server":
    "was aus einer Unterhaltung wurde, weiß der Server des Teams",
  "this team works through its server alone": "dieses Team arbeitet nur über seinen Server",
  "the agent may work directly in none of the teams":
    "ohne den Server darf hier in keinem Team gearbeitet werden",
  "the text cannot be seen any more": "die Nachricht ist nicht mehr zu sehen",
  "This text waits for earlier ones to leave, or for Twilio. It goes out by itself.":
    "Diese Nachricht wartet auf frühere oder auf Twilio. Sie geht von selbst hinaus.",
  "This text has files, which are with the team's server. It leaves when the server is back.":
    "Diese Nachricht hat Dateien, die auf dem Server des Teams liegen. Sie geht hinaus, wenn der Server wieder da ist.",
  "No secure connection to Twilio can be made. The text leaves when the team's server is back.":
    "Es kann keine sichere Verbindung zu Twilio aufgebaut werden. Die Nachricht geht hinaus, wenn der Server des Teams wieder da ist.",
  "No desktop has a key of this Twilio account. The text leaves when the team's server is back.":
    "Kein Desktop hat einen Schlüssel dieses Twilio-Kontos. Die Nachricht geht hinaus, wenn der Server des Teams wieder da ist.",

  // crates/client/src/upstream/direct/reach.rs
  "the team's database: {}": "die Datenbank des Teams: {}",
  "the team's database does not answer": "die Datenbank des Teams antwortet nicht",
  "the team's database has no connection to spare. It is tried again":
    "die Datenbank des Teams hat keine Verbindung frei. Es wird wieder versucht",
  "the team's database took too long, and gave up. It is tried again":
    "die Datenbank des Teams brauchte zu lange und gab auf. Es wird wieder versucht",
  "the team's database takes no changes at the moment":
    "die Datenbank des Teams nimmt gerade keine Änderungen an",
  "the address of the team's database cannot be read":
    "die Adresse der Datenbank des Teams ist nicht zu lesen",
  "something else than the team's database answers at its address":
    "unter der Adresse der Datenbank des Teams antwortet etwas anderes",
  "the team's database offers no protected connection (TLS), and no other one is made":
    "die Datenbank des Teams bietet keine geschützte Verbindung (TLS), und eine andere wird nicht aufgebaut",
  "the certificate of the team's database is signed by nobody whom this computer trusts. An admin can name the authority at the server (DESKLINE_DIRECT_DATABASE_CA), or its file goes into the network settings":
    "das Zertifikat der Datenbank des Teams hat niemand ausgestellt, dem dieser Computer vertraut. Die Verwaltung kann die Stelle am Server nennen (DESKLINE_DIRECT_DATABASE_CA), oder ihre Datei kommt in die Netzwerkeinstellungen",
  "the certificate of the team's database is for another name than its address. An admin has to mend one of the two":
    "das Zertifikat der Datenbank des Teams ist auf einen anderen Namen als ihre Adresse ausgestellt. Die Verwaltung muss eines von beiden berichtigen",
  "the certificate of the team's database has run out. An admin has to renew it; if it is new, this computer's clock is wrong":
    "das Zertifikat der Datenbank des Teams ist abgelaufen. Die Verwaltung muss es erneuern; ist es neu, geht die Uhr dieses Computers falsch",
  "the certificate of the team's database is not valid yet. This computer's clock may be wrong":
    "das Zertifikat der Datenbank des Teams gilt noch nicht. Vielleicht geht die Uhr dieses Computers falsch",
  "a pooler stands before the team's database that lends each connection to many. An admin has to name an address where it does not (session mode)":
    "vor der Datenbank des Teams steht ein Pooler, der jede Verbindung an viele verleiht. Die Verwaltung muss eine Adresse nennen, an der er das nicht tut (Session-Modus)",
  "no protected connection (TLS) to the team's database can be made":
    "zur Datenbank des Teams lässt sich keine geschützte Verbindung (TLS) aufbauen",
  "the team's database lets nobody in from this network in this way. An admin can allow it in its pg_hba.conf":
    "die Datenbank des Teams lässt aus diesem Netz niemanden so herein. Die Verwaltung kann es in ihrer pg_hba.conf erlauben",
  "the team's database does not take this agent's login":
    "die Datenbank des Teams lässt diese Anmeldung nicht zu",
  "the team's database is not where it was. An admin has to mend its address":
    "die Datenbank des Teams ist nicht mehr, wo sie war. Die Verwaltung muss ihre Adresse berichtigen",
  "the team's database is older than this Deskline": "die Datenbank des Teams ist älter als dieses Deskline",
  "this Deskline is older than the team's database and has to be updated":
    "dieses Deskline ist älter als die Datenbank des Teams und muss aktualisiert werden",

  // crates/client/src/client/direct.rs
  "An Account SID begins with AC, and has 32 digits and letters from a to f after it.":
    "Eine Account-SID beginnt mit AC, danach kommen 32 Ziffern und Buchstaben von a bis f.",
  "The SID of an API key begins with SK, and has 32 digits and letters from a to f after it. Leave it empty to enter the auth token.":
    "Die SID eines API-Schlüssels beginnt mit SK, danach kommen 32 Ziffern und Buchstaben von a bis f. Lassen Sie sie leer, um das Auth-Token einzugeben.",
  "Enter the key's secret, or the account's auth token.":
    "Geben Sie das Geheimnis des Schlüssels ein, oder das Auth-Token des Kontos.",
  "the address of Twilio cannot be read": "die Adresse von Twilio ist nicht zu lesen",
  "Twilio does not take this account with this key or token":
    "Twilio nimmt dieses Konto mit diesem Schlüssel oder Token nicht an",

  // crates/twilio/src/error.rs
  "Twilio cannot be reached": "Twilio ist nicht erreichbar",
  "Twilio did not answer": "Twilio antwortete nicht",
  "this machine cannot make HTTPS requests: {}": "dieser Computer kann keine HTTPS-Anfragen stellen: {}",
  "Twilio refused ({})": "Twilio lehnte ab ({})",
  "Twilio asks us to slow down": "Twilio bittet um Geduld",
  "Twilio is having trouble (HTTP {})": "Twilio hat selbst ein Problem (HTTP {})",
  "something that is not Twilio answered (HTTP {})": "etwas anderes als Twilio antwortete (HTTP {})",

  // crates/client/src/network.rs
  "The address of a proxy looks like proxy.example.com:8080.":
    "Die Adresse eines Proxys sieht aus wie proxy.example.com:8080.",
  "Deskline can use HTTP proxies, and no {} ones. Ask whoever runs the network for an HTTP proxy.":
    "Deskline kann HTTP-Proxys benutzen, aber keine der Art {}. Fragen Sie, wer das Netz betreibt, nach einem HTTP-Proxy.",
  "Name and password of a proxy have fields of their own.":
    "Name und Passwort eines Proxys haben eigene Felder.",
  "The address of the proxy takes no name.": "Die Adresse des Proxys nimmt keinen Namen.",
  "A certificate of the file is damaged.": "Ein Zertifikat der Datei ist beschädigt.",
  "The file holds no certificate. It has to be a PEM file.":
    "In der Datei ist kein Zertifikat. Es muss eine PEM-Datei sein.",
};

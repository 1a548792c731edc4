// Arbeiten ohne den Server des Teams.

export const direct = {
  "settings.direct": "Ohne den Server",
  "direct.ready":
    "Solange der Server Ihres Teams nicht erreichbar ist, arbeitet dieses Programm allein weiter.",
  "direct.notReady":
    "Solange der Server Ihres Teams nicht erreichbar ist, wartet dieses Programm auf ihn. Inhaber und Admins können das ändern.",
  "direct.lead":
    "Nachrichten gehen dann mit einem API-Schlüssel hinaus, den der Server erstellt hat. Stattdessen können Sie ein Twilio-Konto Ihres Teams von Hand eintragen: Es wird zuerst bei Twilio geprüft und liegt im Schlüsselbund dieses Computers.",
  "direct.accounts": "Von Hand eingetragene Konten",
  "direct.withKey": (key: string) => `Mit dem Schlüssel ${key}`,
  "direct.withToken": "Mit seinem Auth Token",
  "direct.remove": "Entfernen",
  "direct.account": "SID des Kontos (Account SID)",
  "direct.accountWrong": "Eine Account SID ist AC mit 32 Ziffern und Buchstaben von a bis f dahinter.",
  "direct.key": "SID eines API-Schlüssels (leer für das Auth Token)",
  "direct.keyWrong": "Die SID eines Schlüssels ist SK mit 32 Ziffern und Buchstaben von a bis f dahinter.",
  "direct.secret": "Geheimnis des Schlüssels oder Auth Token",
  "direct.secretMissing": "Tragen Sie das Geheimnis des Schlüssels oder das Auth Token des Kontos ein.",
  "direct.enter": "Prüfen und behalten",
  "direct.checking": "Twilio wird gefragt…",
};

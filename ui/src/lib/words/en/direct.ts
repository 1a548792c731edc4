// Working without the team’s server.

export const direct = {
  "settings.direct": "Without the server",
  "direct.ready": "While your team’s server is away, this desktop works on by itself.",
  "direct.notReady":
    "While your team’s server is away, this desktop waits for it. An owner or admin can change that.",
  "direct.lead":
    "Texts then leave with an API key that the server has made. You can enter a Twilio account of your team by hand instead: it is tried with Twilio first, and kept in this computer’s keychain.",
  "direct.accounts": "Accounts entered by hand",
  "direct.withKey": (key: string) => `With the key ${key}`,
  "direct.withToken": "With its auth token",
  "direct.remove": "Remove",
  "direct.account": "Account SID",
  "direct.accountWrong": "An Account SID is AC with 32 digits and letters from a to f after it.",
  "direct.key": "SID of an API key (empty for the auth token)",
  "direct.keyWrong": "The SID of a key is SK with 32 digits and letters from a to f after it.",
  "direct.secret": "Secret of the key, or auth token",
  "direct.secretMissing": "Enter the key’s secret, or the account’s auth token.",
  "direct.enter": "Check and keep",
  "direct.checking": "Asking Twilio…",
};

// What Twilio's ids and telephone numbers look like, as far as a form can tell before anybody is asked.

/** `AC…` is an account, `SK…` an API key: two letters and 32 hexadecimal digits. */
export const isSid = (text: string, kind: "AC" | "SK"): boolean =>
  new RegExp(`^${kind}[0-9a-f]{32}$`, "iu").test(text.trim());

/** With its country, and in any notation. */
export const isNumber = (text: string): boolean => /^\+\d[\d ()-]{6,}$/u.test(text.trim());

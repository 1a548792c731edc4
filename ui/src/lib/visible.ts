// Characters as they can be shown.

/** Invisible ones by their code point. */
export function visible(character: string): string {
  if (/^[\p{L}\p{N}\p{P}\p{S}\p{M}\p{Emoji}]/u.test(character)) return character;
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

// Characters that force the dearer UCS-2 encoding and have a plain sister in GSM-7.

const plainSisters = new Map<string, string>([
  ["\u2018", "'"],
  ["\u2019", "'"],
  ["\u201a", "'"],
  ["\u201c", '"'],
  ["\u201d", '"'],
  ["\u201e", '"'],
  ["\u00ab", '"'],
  ["\u00bb", '"'],
  ["\u2032", "'"],
  ["\u2033", '"'],
  ["`", "'"],
  ["\u00b4", "'"],
  ["\u2010", "-"],
  ["\u2011", "-"],
  ["\u2012", "-"],
  ["\u2013", "-"],
  ["\u2014", "-"],
  ["\u2212", "-"],
  ["\u2026", "..."],
  ["\u2022", "-"],
  ["\u00b7", "-"],
  ["\u00a0", " "],
  ["\u2009", " "],
  ["\u202f", " "],
  ["\u200b", ""],
  ["\ufeff", ""],
  ["\t", " "],
]);

/** Whether at least one of these characters can be replaced without changing what the text says. */
export function canBePlain(characters: readonly string[]): boolean {
  return characters.some((character) => plainSisters.has(character));
}

/** The text with every replaceable character replaced. */
export function makePlain(text: string): string {
  return Array.from(text, (character) => plainSisters.get(character) ?? character).join("");
}

/** A character as it can be shown: invisible ones by their code point. */
export function visible(character: string): string {
  if (/^[\p{L}\p{N}\p{P}\p{S}\p{M}\p{Emoji}]/u.test(character)) return character;
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

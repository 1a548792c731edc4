// Texts that are nothing but a few emoji are shown large.

const onlyEmoji = /^(?:\p{RGI_Emoji}\s*){1,3}$/v;

/** One to three emoji and nothing else. */
export function isOnlyEmoji(text: string): boolean {
  return text.length <= 48 && onlyEmoji.test(text.trim());
}

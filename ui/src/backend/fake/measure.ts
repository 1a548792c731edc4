// What a text costs to send: the rule of crates/domain/src/segments.rs, for the browser build alone. Tried by outlook.test.ts.

import type { Segments } from "@/bindings/Segments";

const basic = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const extension = new Set("\f^{}\\[~]|€");

function septets(character: string): number | null {
  if (basic.has(character)) return 1;
  return extension.has(character) ? 2 : null;
}

export function measure(text: string): Segments {
  const characters = Array.from(text);
  const forcedBy = [...new Set(characters.filter((character) => septets(character) === null))];
  const gsm = forcedBy.length === 0;
  const [single, multi] = gsm ? [160, 153] : [70, 67];
  const width = (character: string) => (gsm ? (septets(character) ?? 1) : character.length);

  const units = characters.reduce((sum, character) => sum + width(character), 0);
  const encoding = gsm ? "GSM-7" : "UCS-2";
  if (units <= single)
    return { encoding, count: units > 0 ? 1 : 0, units, remaining: single - units, forcedBy };

  let count = 1;
  let used = 0;
  for (const character of characters) {
    if (used + width(character) > multi) {
      count += 1;
      used = 0;
    }
    used += width(character);
  }
  return { encoding, count, units, remaining: multi - used, forcedBy };
}

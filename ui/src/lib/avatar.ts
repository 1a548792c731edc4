// What stands in for a face: initials, on a hue that belongs to the contact for good.

/** A hue of the colour circle, 0 to 359, always the same for the same id (FNV-1a). */
export function hueOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) {
    hash ^= id.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % 360;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function firstGrapheme(word: string): string {
  for (const { segment } of segmenter.segment(word)) return segment;
  return "";
}

/** First letters of the first and last word; `null` where a name has no letter, such as `Unknown (+1555…)`. */
export function initialsOf(name: string): string | null {
  if (/^unknown \(/i.test(name)) return null;
  const words = name
    .split(/\s+/u)
    .map((word) => word.replace(/^[^\p{L}\p{Extended_Pictographic}]+/u, ""))
    .filter((word) => word !== "");
  const first = words[0];
  if (first === undefined) return null;
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  const initials = firstGrapheme(first) + (last === undefined ? "" : firstGrapheme(last));
  return initials.toLocaleUpperCase();
}

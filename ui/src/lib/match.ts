// How well something that is named fits what is typed: for short lists that are in sight anyway.

/** Higher is better; `null` for what does not fit. Every word that is typed must begin a word of the name, or stand in it. */
export function fit(name: string, typed: string): number | null {
  const plain = fold(name);
  let sum = 0;
  for (const word of fold(typed).split(/\s+/).filter(Boolean)) {
    const at = plain.indexOf(word);
    if (at === -1) return null;
    const begins = at === 0 || /[\s\p{P}]/u.test(plain.charAt(at - 1));
    sum += at === 0 ? 3 : begins ? 2 : 1;
  }
  return sum;
}

/** Those that fit, the best first; otherwise as they stood. */
export function fitting<One>(all: readonly One[], typed: string, nameOf: (one: One) => string): One[] {
  return all
    .map((one, place) => ({ one, place, fits: fit(nameOf(one), typed) }))
    .filter((found) => found.fits !== null)
    .sort((a, b) => (b.fits ?? 0) - (a.fits ?? 0) || a.place - b.place)
    .map(({ one }) => one);
}

const fold = (text: string) => text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLocaleLowerCase("en");

// Sentences of the engine and the server, in the language of the window. They come in English, as they stand in the program; in another
// language they are looked up as a whole, with what was filled in at `{}`. What nobody has translated is shown as it came: a reason in English
// is better than none.

/** English as the engine says it, and what the window says for it. What stands at the n-th `{}` goes to the n-th `{}`. */
export type Sentences = Readonly<Record<string, string>>;

interface Pattern {
  reads: RegExp;
  says: readonly string[];
}

let whole: Sentences = {};
let patterns: readonly Pattern[] = [];

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);

/** From here on, the window says these for the engine's. Called with the words of the window. */
export function hear(sentences: Sentences): void {
  whole = sentences;
  patterns = Object.entries(sentences)
    .filter(([english]) => english.includes("{}"))
    .map(([english, says]) => ({
      reads: new RegExp(`^${english.split("{}").map(escaped).join("(.+?)")}$`, "su"),
      says: says.split("{}"),
    }));
}

/** A sentence of the engine, or several, as the agent reads them. */
export function told(sentence: string): string {
  return one(sentence) ?? several(sentence);
}

function one(sentence: string): string | null {
  // Not what every object has by itself.
  if (Object.hasOwn(whole, sentence)) return whole[sentence] ?? null;
  for (const { reads, says } of patterns) {
    const found = reads.exec(sentence);
    if (found === null) continue;
    const filled = found.slice(1).map((part) => one(part) ?? part);
    return says.map((part, place) => part + (filled[place] ?? "")).join("");
  }
  return null;
}

/** Sentences that the engine put one behind the other. */
function several(text: string): string {
  const parts = text.split(/(?<=[.!?]) /u);
  return parts.length === 1 ? text : parts.map((part) => one(part) ?? part).join(" ");
}

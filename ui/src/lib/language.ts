// Which language the window speaks: the agent's choice, else the first of the system's that there is a catalogue for, else English.

import { hear, type Sentences } from "./engine";
import { speak, type Catalogue } from "./words";

/** Names as speakers of the language write them. */
export const languages: Readonly<Record<string, string>> = { en: "English", de: "Deutsch" };

/** A language that is not here from the start: our words, and what the engine says. */
interface Other {
  words: Catalogue;
  sentences: Sentences;
}

const others: Readonly<Record<string, () => Promise<Other>>> = {
  de: () => import("./words/de").then(({ german, sentences }) => ({ words: german, sentences })),
};

export function languageFor(wanted: string | null, system: readonly string[]): string {
  const known = (language: string) => language in languages;
  if (wanted !== null && known(wanted)) return wanted;
  return system.map((tag) => tag.toLowerCase().split("-")[0] ?? "").find(known) ?? "en";
}

/** Fetches the catalogue, and says which it is. What is drawn already has to be drawn anew. */
export async function speakIn(wanted: string | null, system: readonly string[]): Promise<string> {
  const language = languageFor(wanted, system);
  const fetched = await others[language]?.();
  speak(fetched?.words);
  hear(fetched?.sentences ?? {});
  document.documentElement.lang = language;
  return language;
}

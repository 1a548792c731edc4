// Every word of the window, from one catalogue at a time. English is here from the start; another language is a second object of the same
// shape, fetched before the window is drawn.
//
// Components write `t("composer.send")`; entries with a figure or a name in them are functions, and `t` asks for exactly
// their arguments. What the engine says (why a text failed) is in engine.ts; texts of contacts are nobody's words but theirs.

import { english } from "./words/en";

export type Word = keyof typeof english;
type Arguments<W extends Word> = (typeof english)[W] extends (...given: infer A) => string ? A : [];

/** What another language must have: the same words, with the same figures and names in them. */
export type Catalogue = {
  [W in Word]: (typeof english)[W] extends (...given: infer A) => string ? (...given: A) => string : string;
};

let words: Catalogue = english;

/** From here on, the window speaks it. Called before anything is drawn, or by whoever has everything drawn anew. */
export function speak(catalogue: Catalogue = english): void {
  words = catalogue;
}

/** The words for `word`, with its figures and names filled in. */
export function t<W extends Word>(word: W, ...given: Arguments<W>): string {
  const entry = words[word] as string | ((...given: Arguments<W>) => string);
  return typeof entry === "string" ? entry : entry(...given);
}

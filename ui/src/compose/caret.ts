// Where the cursor stands in the field of the composer, after something else than a key wrote into it.
//
// Called by ComposerBox.svelte. Waits until the field shows what was written: before that it has no such place.

import { tick } from "svelte";
import type { Composer } from "@/state/composer.svelte";

type Field = HTMLTextAreaElement | undefined;

/** Puts `text` where the cursor stands, or in place of what is marked. */
export async function insertAtCaret(field: Field, composer: Composer, text: string): Promise<void> {
  const { length } = composer.text;
  const [from, to] = [field?.selectionStart ?? length, field?.selectionEnd ?? length];
  composer.write(composer.text.slice(0, from) + text + composer.text.slice(to));
  await tick();
  field?.focus();
  field?.setSelectionRange(from + text.length, from + text.length);
}

/** Marks what a canned reply lacks, so that the next key fills it in; of one that lacks nothing the end. */
export async function markLack(field: Field, composer: Composer): Promise<void> {
  await tick();
  const at = composer.text.indexOf("{{");
  field?.focus();
  if (at !== -1) field?.setSelectionRange(at, composer.text.indexOf("}}", at) + 2);
  else field?.setSelectionRange(composer.text.length, composer.text.length);
}

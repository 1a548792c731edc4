// Every emoji there is, by group, with what it can be found by. Bundled, and fetched from this program's own files when first asked for.

import german from "emojibase-data/de/compact.json?url";
import english from "emojibase-data/en/compact.json?url";

export interface Emoji {
  text: string;
  name: string;
  group: number;
  /** In order, as Unicode has it. */
  order: number;
  tags: string;
}

/** Of Unicode's groups, those that are something by themselves. */
export const groups = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const;

interface Entry {
  label: string;
  unicode: string;
  group?: number;
  order?: number;
  tags?: string[];
}

let asked: { language: string; all: Promise<readonly Emoji[]> } | null = null;

/** Asked for once; one that could not be read is asked for again. */
export function emojis(language: string): Promise<readonly Emoji[]> {
  if (asked?.language === language) return asked.all;
  const all = read(language === "de" ? german : english);
  asked = { language, all };
  all.catch(() => (asked = null));
  return all;
}

async function read(url: string): Promise<readonly Emoji[]> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the emoji cannot be read: ${answer.status}`);
  return sorted((await answer.json()) as Entry[]);
}

/** Only those that belong to a group: the others are pieces of flags and of hair. */
export function sorted(entries: readonly Entry[]): readonly Emoji[] {
  return entries
    .filter(({ group }) => groups.some((known) => known === group))
    .map(({ unicode, label, group, order, tags }) => ({
      text: unicode,
      name: label,
      group: group ?? 0,
      order: order ?? 0,
      tags: [label, ...(tags ?? [])].join(" ").toLocaleLowerCase(),
    }))
    .sort((a, b) => a.order - b.order);
}

/** Those that every typed word is a part of. */
export function find(all: readonly Emoji[], typed: string, most: number): readonly Emoji[] {
  const words = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return all.filter(({ tags }) => words.every((word) => tags.includes(word))).slice(0, most);
}

// The palette: everything that can be gone to or done, by the first letters of its name. Actions come from the views, since they know
// what can be done at the moment; people, conversations and texts come from the engine.

import type { Backend } from "@/backend/backend";
import { fit } from "@/lib/match";
import { Search, type Hit } from "./search.svelte";

/** Something that can be done now. */
export interface PaletteAction {
  id: string;
  name: string;
  /** The keys that do the same. */
  keys: readonly string[];
  does: () => void;
}

export type PaletteItem =
  | { kind: "action"; id: string; action: PaletteAction }
  | { kind: "contact"; id: string; hit: Hit; place: number }
  | { kind: "message"; id: string; hit: Hit; place: number };

/** As many of each as leave room for the others. */
const MOST = { contacts: 6, actions: 6, messages: 8 } as const;

export class Palette {
  isOpen = $state(false);
  readonly search: Search;
  actions = $state.raw<readonly PaletteAction[]>([]);
  #cursor = $state(0);

  constructor(backend: Backend) {
    this.search = new Search(backend);
  }

  open(actions: readonly PaletteAction[]): void {
    this.actions = actions;
    this.#cursor = 0;
    this.search.close();
    this.isOpen = true;
  }

  close(): void {
    this.isOpen = false;
    this.search.close();
  }

  type(text: string): Promise<void> {
    this.#cursor = 0;
    return this.search.type(text);
  }

  /** The best first: an action whose name begins so stands above people, people above other actions, and texts come last. */
  readonly items = $derived.by<readonly PaletteItem[]>(() => {
    const typed = this.search.text;
    const fits = this.actions
      .map((action, place) => ({ action, place, fits: fit(action.name, typed) ?? -1 }))
      .filter((found) => found.fits >= 0)
      .sort((a, b) => b.fits - a.fits || a.place - b.place);
    const shown = this.search.asks ? fits.slice(0, MOST.actions) : fits;
    const words = typed.trim().split(/\s+/).length;
    const asItem = ({ action }: (typeof fits)[number]): PaletteItem => ({
      kind: "action",
      id: action.id,
      action,
    });
    const begins = shown.filter((found) => this.search.asks && found.fits >= 3 * words);
    const rest = shown.filter((found) => !begins.includes(found));
    const contacts = this.search.contacts.slice(0, MOST.contacts).map<PaletteItem>((contact, place) => ({
      kind: "contact",
      id: `contact-${contact.contactId}`,
      hit: { contactId: contact.contactId, at: null },
      place,
    }));
    const messages = this.search.messages.slice(0, MOST.messages).map<PaletteItem>((message, place) => ({
      kind: "message",
      id: `message-${message.id}`,
      hit: { contactId: message.contactId, at: message.id },
      place,
    }));
    return [...begins.map(asItem), ...contacts, ...rest.map(asItem), ...messages];
  });

  get cursor(): number {
    return Math.max(0, Math.min(this.#cursor, this.items.length - 1));
  }

  get current(): PaletteItem | null {
    return this.items[this.cursor] ?? null;
  }

  move(by: number): void {
    const { length } = this.items;
    if (length > 0) this.#cursor = (this.cursor + by + length) % length;
  }
}

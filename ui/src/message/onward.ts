// Where the focus goes when a button under a text does what it is for, and is gone with it.

/** Whoever pressed it by key goes on at the text's delivery mark, which says what becomes of it; the mouse is where it is. */
export function toMark(event: MouseEvent): void {
  go(event, "[role=listitem]", "[data-testid=delivery]");
}

/** The text goes, and its mark with it: on in the thread. */
export function toThread(event: MouseEvent): void {
  go(event, "[data-place=thread]", null);
}

function go(event: MouseEvent, around: string, to: string | null): void {
  // A click without a click: a key, or a screen reader.
  if (event.detail !== 0 || !(event.currentTarget instanceof HTMLElement)) return;
  const place = event.currentTarget.closest<HTMLElement>(around);
  (to === null ? place : place?.querySelector<HTMLElement>(to))?.focus();
}

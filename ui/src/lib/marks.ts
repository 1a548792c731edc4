// A text with marked stretches, in pieces that can be put on screen one after the other.

/** A stretch of a JavaScript string, as `slice` takes it. */
export interface Mark {
  start: number;
  end: number;
}

export interface Piece {
  text: string;
  marked: boolean;
}

/** Cuts the text at its marks, which are in order and apart from each other. Empty pieces are left out. */
export function pieces(text: string, marks: readonly Mark[]): Piece[] {
  const cut: Piece[] = [];
  let at = 0;
  const push = (end: number, marked: boolean) => {
    if (end > at) cut.push({ text: text.slice(at, end), marked });
    at = Math.max(at, end);
  };
  for (const { start, end } of marks) {
    push(start, false);
    push(end, true);
  }
  push(text.length, false);
  return cut;
}

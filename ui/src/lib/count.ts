// Figures beside the views.

/** From here on a view has "many": the engine does not count on (`Counts::MOST`). */
const MANY = 9_999;

export const shownCount = (n: number) => (n > MANY ? "9,999+" : String(n));

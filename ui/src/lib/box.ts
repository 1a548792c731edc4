// How large a picture stands in a thread: decided before its bytes are here, so that nothing moves when they come.

export interface Box {
  width: number;
  height: number;
}

/** In CSS pixels; the engine's small pictures are twice as large. */
export const WIDEST = 280;
export const TALLEST = 320;
const NARROWEST = 96;
const LOWEST = 64;

/** For a picture of which nobody knows the size yet. */
export const UNKNOWN: Box = { width: 240, height: 180 };

/** The box of a picture of so many pixels: its shape, within limits; a very long one is cut. */
export function boxOf(width: number | null, height: number | null): Box {
  if (width === null || height === null || width <= 0 || height <= 0) return UNKNOWN;
  const scale = Math.min(1, WIDEST / width, TALLEST / height);
  return {
    width: Math.round(Math.min(WIDEST, Math.max(NARROWEST, width * scale))),
    height: Math.round(Math.min(TALLEST, Math.max(LOWEST, height * scale))),
  };
}

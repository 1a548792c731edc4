// Names of attributes: as the team writes them, and as crates/domain/src/canned.rs takes them.

/** "Frame number" is kept as `frame_number`; `null` for what cannot be a name. */
export function attributeName(typed: string): string | null {
  const name = typed
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");
  return /^[a-z][a-z0-9_]{0,49}$/.test(name) ? name : null;
}

/** And shown as "Frame number". */
export function shownName(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

// Figures and plurals in German.

export const figures = new Intl.NumberFormat("de");
export const oneDigit = new Intl.NumberFormat("de", { maximumFractionDigits: 1 });
export const percent = new Intl.NumberFormat("de", { style: "percent" });
const plural = new Intl.PluralRules("de");

/** "1 Nachricht", "12.000 Nachrichten". */
export function count(n: number, one: string, other: string): string {
  return `${figures.format(n)} ${plural.select(n) === "one" ? one : other}`;
}

export const texts = (n: number) => count(n, "Nachricht", "Nachrichten");

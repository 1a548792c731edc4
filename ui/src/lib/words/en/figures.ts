// Figures and plurals in English.

export const figures = new Intl.NumberFormat("en");
export const oneDigit = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
export const percent = new Intl.NumberFormat("en", { style: "percent" });
const plural = new Intl.PluralRules("en");

/** "1 text", "12,000 texts". */
export function count(n: number, one: string, other: string): string {
  return `${figures.format(n)} ${plural.select(n) === "one" ? one : other}`;
}

export const texts = (n: number) => count(n, "text", "texts");

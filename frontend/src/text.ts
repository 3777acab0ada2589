/** Cleaning and merging of free text, and numbers as text. */

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Remove NUL characters and lone surrogates, which PostgreSQL cannot store. */
export function removeUnstorable(text: string): string {
  return text.replaceAll("\0", "").replace(LONE_SURROGATE, "");
}

/** Return both texts, one below the other, or one of them if it contains the other. */
export function mergeTexts(first: string, second: string): string {
  if (second.includes(first)) return second;
  return first.includes(second) ? first : `${first}\n${second}`;
}

/** Return a number with a true minus sign, never "-0.0". */
export function decimal(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "\u2212");
}

/** Cleaning and merging of free text. */

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Remove NUL characters and lone surrogates, which PostgreSQL cannot store. */
export function removeUnstorable(text: string): string {
  return text.replaceAll("\0", "").replace(LONE_SURROGATE, "");
}

/** Return both texts, one below the other, or one of them if it contains the other. */
export function mergeTexts(theirs: string, mine: string): string {
  if (mine.includes(theirs)) return mine;
  return theirs.includes(mine) ? theirs : `${theirs}\n${mine}`;
}

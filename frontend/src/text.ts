/** Text as the server can store it, and two versions of a text put together. */

const HALF_CHARACTER = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Without NUL and halves of characters, which the database cannot store. */
export function storable(text: string): string {
  return text.replaceAll("\0", "").replace(HALF_CHARACTER, "");
}

/** Both texts, one below the other; one of them if it contains the other. */
export function combined(theirs: string, mine: string): string {
  if (mine.includes(theirs)) return mine;
  return theirs.includes(mine) ? theirs : `${theirs}\n${mine}`;
}

/** The random letters of a display check, and their grey levels. Pure, except for the random numbers. */

import type { End } from "./contract";

const WHITE = 255;

/** Return one text of different random letters for each contrast. */
export function drawLetters(
  alphabet: string,
  contrasts: readonly number[],
  count: number,
  random: (below: number) => number = randomBelow,
): string[] {
  return contrasts.map(() => {
    const left = [...alphabet];
    return Array.from({ length: count }, () => left.splice(random(left.length), 1)[0] ?? "").join("");
  });
}

/** Return the grey levels, 0 to 255, of background and letters: just above black, or just below white. */
export function greyLevels(end: End, contrast: number): { readonly background: number; readonly letters: number } {
  return end === "dark"
    ? { background: 0, letters: contrast }
    : { background: WHITE, letters: WHITE - contrast };
}

/** Return a random whole number from 0 to `below` - 1, each with the same probability. */
function randomBelow(below: number): number {
  const limit = 256 - (256 % below);
  for (;;) {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < limit) return byte % below;
  }
}

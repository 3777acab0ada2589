/** Texts of measured lengths. Pure. */

import type { CellLengths } from "./geometry";

/** Return a measured length with its share of the wall, such as "12.4 mm, 41 %"; `missing` where there is none. */
export function describeLengths({ calcified, wall }: CellLengths, unit: "mm" | "px", missing: string): string {
  if (calcified === null) return missing;
  if (wall === null || calcified === 0) return `0 ${unit}`;
  return `${calcified.toFixed(unit === "mm" ? 1 : 0)} ${unit}, ${String(Math.round((100 * calcified) / wall))}\u00a0%`;
}

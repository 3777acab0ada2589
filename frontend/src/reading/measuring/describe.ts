/** Texts of measured lengths. Pure. */

import type { CellLengths } from "./geometry";

/** Return a measured length with its share of the wall, such as "12.4 mm, 41 %". */
export function describeLengths({ calcified, wall }: CellLengths, unit: "mm" | "px"): string {
  if (calcified === null) return "set level lines";
  if (wall === null || calcified === 0) return `0 ${unit}`;
  return `${calcified.toFixed(unit === "mm" ? 1 : 0)} ${unit}, ${String(Math.round((100 * calcified) / wall))}\u00a0%`;
}

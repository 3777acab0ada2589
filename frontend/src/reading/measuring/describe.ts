/** Texts of measured lengths. Pure. */

import type { CellLengths } from "./geometry";

/** Return the summed length of a wall in mean heights of a level, such as "1.4 heights"; `missing` where there is none. */
export function describeHeights({ calcified, wall }: CellLengths, missing: string): string {
  if (calcified === null) return missing;
  if (calcified === 0) return "0 heights";
  return wall === null ? missing : `${(calcified / wall).toFixed(1)} heights`;
}

/** Return a measured length with its share of the wall, such as "12.4 mm, 41 %"; `missing` where there is none. */
export function describeLengths({ calcified, wall }: CellLengths, unit: "mm" | "px", missing: string): string {
  if (calcified === null) return missing;
  if (wall === null || calcified === 0) return `0 ${unit}`;
  return `${calcified.toFixed(unit === "mm" ? 1 : 0)} ${unit}, ${String(Math.round((100 * calcified) / wall))}\u00a0%`;
}

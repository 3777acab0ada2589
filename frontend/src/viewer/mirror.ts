/** Mirroring of an image and its guides, for display only. Pure. */

import type { GuideLine, Pair } from "./overlay/marks";
import type { PixelValues } from "./windowlut";

/** Return the pixels mirrored from left to right. */
export function mirrorValues(values: PixelValues, width: number): PixelValues {
  const mirrored = values.slice();
  for (let start = 0; start < mirrored.length; start += width) mirrored.subarray(start, start + width).reverse();
  return mirrored;
}

/** Return the guides of an image that is `width` pixels wide, mirrored with it. */
export function mirrorGuides(guides: readonly GuideLine[], width: number): GuideLine[] {
  const mirror = ([x, y]: Pair): Pair => [width - 1 - x, y];
  return guides.map((line) => ({
    ...line,
    posterior: mirror(line.posterior),
    anterior: mirror(line.anterior),
    end: mirror(line.end),
  }));
}

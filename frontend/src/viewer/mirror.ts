/** Mirroring of an image and its guides, for display only. Pure. */

import type { GuideLine, Pair } from "./overlay/marks";
import type { PixelValues } from "./windowlut";

/** Return the pixels mirrored from left to right. */
export function mirrorValues(values: PixelValues, width: number): PixelValues {
  // A copy: the cache keeps the pixels as they are in the file.
  const mirrored = values.slice();
  for (let start = 0; start < mirrored.length; start += width) mirrored.subarray(start, start + width).reverse();
  return mirrored;
}

/** Return the guides of an image that is `width` pixels wide, mirrored with it. */
export function mirrorGuides(guides: readonly GuideLine[], width: number): GuideLine[] {
  const mirror = (point: Pair): Pair => mirrorPoint(point, width);
  return guides.map((line) => ({
    ...line,
    posterior: mirror(line.posterior),
    anterior: mirror(line.anterior),
    end: mirror(line.end),
  }));
}

export function mirrorPoint([x, y]: Pair, width: number): Pair {
  // Pixel centres 0 to width - 1 are mapped onto each other.
  return [width - 1 - x, y];
}

export function mirrorPoints(points: readonly Pair[], width: number): Pair[] {
  return points.map((point) => mirrorPoint(point, width));
}

/** Width and height of an image's pixels, and lengths by them, as inference/geometry/pixel_size.py has them. Pure. */

import type { Pair } from "./overlay/marks";

/** In mm, or in units of the pixel's own width where that is not known. */
export interface PixelSize {
  readonly across: number;
  readonly down: number;
  readonly unit: "mm" | "px";
}

/** What the server tells of an image: (row, column) spacing, and height over width. */
export interface PixelShape {
  readonly spacing_mm: readonly [number, number] | null;
  readonly pixel_aspect: number;
}

export const SQUARE: PixelSize = { across: 1, down: 1, unit: "px" };

export function pixelSize({ spacing_mm: spacing, pixel_aspect: aspect }: PixelShape): PixelSize {
  return spacing === null
    ? { across: 1, down: aspect, unit: "px" }
    : { across: spacing[1], down: spacing[0], unit: "mm" };
}

/** The distance of two places. */
export function lengthOf(from: Pair, to: Pair, { across, down }: PixelSize): number {
  return Math.hypot((to[0] - from[0]) * across, (to[1] - from[1]) * down);
}

/** Pixel size and distances; mirrors inference/geometry/pixel_size.py. Pure. */

import type { Pair } from "./overlay/marks";

/** Width and height of a pixel in mm, or in pixel widths where the spacing is unknown. */
export interface PixelSize {
  readonly across: number;
  readonly down: number;
  readonly unit: "mm" | "px";
}

/** Pixel shape as sent by the server: (row, column) spacing in mm, and height divided by width. */
export interface PixelShape {
  readonly spacing_mm: readonly [number, number] | null;
  readonly pixel_aspect: number;
}

export const SQUARE_PIXELS: PixelSize = { across: 1, down: 1, unit: "px" };

export function pixelSize({ spacing_mm: spacing, pixel_aspect: aspect }: PixelShape): PixelSize {
  return spacing === null
    ? { across: 1, down: aspect, unit: "px" }
    : { across: spacing[1], down: spacing[0], unit: "mm" };
}

/** Return the distance of two points given in image pixels, in `size.unit`. */
export function distance(from: Pair, to: Pair, { across, down }: PixelSize): number {
  return Math.hypot((to[0] - from[0]) * across, (to[1] - from[1]) * down);
}

/** Local histogram equalisation, which makes faint burned-in text visible. Pure. */

import type { PixelValues } from "./windowlut";
import type { Size } from "./view";

const MAX_GREY = 255;
const ALPHA_OPAQUE = 0xff000000;
/** Side of a tile in image pixels; about the size of a line of text, so that text stands out from its ground. */
const TILE_PX = 96;

export interface Rectangle extends Size {
  readonly left: number;
  readonly top: number;
}

/** Copy the stored values of a part of the image, row by row. */
export function copyPart(values: PixelValues, image: Size, part: Rectangle): PixelValues {
  const rows = values instanceof Uint8Array ? new Uint8Array(part.width * part.height) : new Uint16Array(part.width * part.height);
  for (let y = 0; y < part.height; y += 1) {
    const from = (part.top + y) * image.width + part.left;
    rows.set(values.subarray(from, from + part.width), y * part.width);
  }
  return rows;
}

/**
 * Return the grey level of every pixel after histogram equalisation of each tile.
 *
 * On a uniform ground the smallest difference becomes a large one, which no window over the whole image does.
 */
export function equaliseTiles(values: PixelValues, image: Size, bits: 8 | 16, invert: boolean): Uint8Array {
  const greys = new Uint8Array(values.length);
  const table = new Uint8Array(2 ** bits);
  const counts = new Uint32Array(2 ** bits);
  for (let top = 0; top < image.height; top += TILE_PX) {
    for (let left = 0; left < image.width; left += TILE_PX) {
      const part = {
        left,
        top,
        width: Math.min(TILE_PX, image.width - left),
        height: Math.min(TILE_PX, image.height - top),
      };
      fillTable(copyPart(values, image, part), counts, table, invert);
      for (let y = top; y < top + part.height; y += 1) {
        const row = y * image.width;
        for (let x = left; x < left + part.width; x += 1) greys[row + x] = table[values[row + x] as number] as number;
      }
    }
  }
  return greys;
}

/** Fill the table with the fraction of values below each value, scaled to 0-255. */
function fillTable(values: PixelValues, counts: Uint32Array, table: Uint8Array, invert: boolean): void {
  // Shared by all tiles, because a table of 65,536 entries per tile would be allocated hundreds of times.
  counts.fill(0);
  for (const value of values) counts[value] = (counts[value] as number) + 1;
  let highest = counts.length - 1;
  while (highest > 0 && counts[highest] === 0) highest -= 1;
  // Without the highest value, so that it becomes white and the lowest black.
  const below = values.length - (counts[highest] as number);
  let sum = 0;
  for (let value = 0; value <= highest; value += 1) {
    const grey = below === 0 ? 0 : Math.round((sum / below) * MAX_GREY);
    table[value] = invert ? MAX_GREY - grey : grey;
    sum += counts[value] as number;
  }
}

/** Return the grey level of every pixel through the table of a window. */
export function applyGreyTable(values: PixelValues, table: Uint8Array): Uint8Array {
  return Uint8Array.from(values, (value) => table[value] as number);
}

/** Return grey levels as opaque RGBA bytes. */
export function toRgba(greys: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint32Array(greys.length);
  for (let i = 0; i < greys.length; i += 1) {
    const grey = greys[i] as number;
    pixels[i] = (ALPHA_OPAQUE | (grey << 16) | (grey << 8) | grey) >>> 0;
  }
  return new Uint8ClampedArray(pixels.buffer);
}

/** Greys that make faint writing visible: each as bright as the share of pixels around that are darker. Pure. */

import type { Stored } from "./windowlut";
import type { Size } from "./view";

const BRIGHTEST = 255;
const OPAQUE = 0xff000000;
const TILE = 96;

export interface Rectangle extends Size {
  readonly left: number;
  readonly top: number;
}

/** The stored values of a part of the image, row by row. */
export function partOf(values: Stored, image: Size, part: Rectangle): Stored {
  const rows = values instanceof Uint8Array ? new Uint8Array(part.width * part.height) : new Uint16Array(part.width * part.height);
  for (let y = 0; y < part.height; y += 1) {
    const from = (part.top + y) * image.width + part.left;
    rows.set(values.subarray(from, from + part.width), y * part.width);
  }
  return rows;
}

/**
 * The grey of every pixel, each tile of the image spread over the values that occur in it.
 *
 * Next to an even ground the least difference becomes a large one, which no window over the whole does.
 */
export function equalised(values: Stored, image: Size, bits: 8 | 16, invert: boolean): Uint8Array {
  const greys = new Uint8Array(values.length);
  const table = new Uint8Array(2 ** bits);
  const counts = new Uint32Array(2 ** bits);
  for (let top = 0; top < image.height; top += TILE) {
    for (let left = 0; left < image.width; left += TILE) {
      const part = {
        left,
        top,
        width: Math.min(TILE, image.width - left),
        height: Math.min(TILE, image.height - top),
      };
      spread(partOf(values, image, part), counts, table, invert);
      for (let y = top; y < top + part.height; y += 1) {
        const row = y * image.width;
        for (let x = left; x < left + part.width; x += 1) greys[row + x] = table[values[row + x] as number] as number;
      }
    }
  }
  return greys;
}

/** Fills the table with the share of these values that is below each value. */
function spread(values: Stored, counts: Uint32Array, table: Uint8Array, invert: boolean): void {
  counts.fill(0);
  for (const value of values) counts[value] = (counts[value] as number) + 1;
  let highest = counts.length - 1;
  while (highest > 0 && counts[highest] === 0) highest -= 1;
  const below = values.length - (counts[highest] as number);
  let sum = 0;
  for (let value = 0; value <= highest; value += 1) {
    const grey = below === 0 ? 0 : Math.round((sum / below) * BRIGHTEST);
    table[value] = invert ? BRIGHTEST - grey : grey;
    sum += counts[value] as number;
  }
}

/** The grey of every pixel through a window's table. */
export function windowed(values: Stored, table: Uint8Array): Uint8Array {
  return Uint8Array.from(values, (value) => table[value] as number);
}

/** Opaque RGBA bytes of these greys. */
export function opaque(greys: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint32Array(greys.length);
  for (let i = 0; i < greys.length; i += 1) {
    const grey = greys[i] as number;
    out[i] = (OPAQUE | (grey << 16) | (grey << 8) | grey) >>> 0;
  }
  return new Uint8ClampedArray(out.buffer);
}

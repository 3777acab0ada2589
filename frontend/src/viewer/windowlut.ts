/** Stored values turned into greys through a window's table. Pure. */

export type Stored = Uint8Array | Uint16Array;

const OUTSIDE = 0xff111111;

/** Reads what the server sends: little-endian, row by row. */
export function stored(buffer: ArrayBuffer, bits: 8 | 16, count: number): Stored {
  const bytes = count * (bits / 8);
  if (buffer.byteLength !== bytes) {
    throw new RangeError(`The image has ${String(buffer.byteLength)} bytes instead of ${String(bytes)}.`);
  }
  if (bits === 8) return new Uint8Array(buffer);
  if (littleEndianHere()) return new Uint16Array(buffer);
  const view = new DataView(buffer);
  return Uint16Array.from({ length: count }, (_, i) => view.getUint16(2 * i, true));
}

/** Writes the grey of every stored value into `greys`, one byte a pixel. */
export function shadeGrey(values: Stored, table: Uint8Array, greys: Uint8Array): void {
  for (let i = 0; i < values.length; i += 1) {
    greys[i] = table[values[i] as number] as number;
  }
}

/** The same as opaque RGBA words, which a 2D canvas takes. */
export function shadeWords(values: Stored, table: Uint8Array, words: Uint32Array): void {
  const wordOf = new Uint32Array(table.length);
  for (let value = 0; value < table.length; value += 1) {
    const grey = table[value] as number;
    wordOf[value] = (0xff000000 | (grey << 16) | (grey << 8) | grey) >>> 0;
  }
  for (let i = 0; i < values.length; i += 1) {
    words[i] = wordOf[values[i] as number] as number;
  }
}

export interface Square {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** A square of the image as opaque RGBA words; dark where it reaches beyond the image. */
export function cutOut(
  values: Stored,
  image: { readonly width: number; readonly height: number },
  table: Uint8Array,
  { left, top, side }: Square,
): Uint32Array {
  const words = new Uint32Array(side * side).fill(OUTSIDE);
  for (let y = Math.max(0, top); y < Math.min(image.height, top + side); y += 1) {
    for (let x = Math.max(0, left); x < Math.min(image.width, left + side); x += 1) {
      const grey = table[values[y * image.width + x] as number] as number;
      words[(y - top) * side + x - left] = (0xff000000 | (grey << 16) | (grey << 8) | grey) >>> 0;
    }
  }
  return words;
}

function littleEndianHere(): boolean {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
}

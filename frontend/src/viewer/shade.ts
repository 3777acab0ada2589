/** Stored values turned into greys through a window's table. Pure. */

export type Stored = Uint8Array | Uint16Array;

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

function littleEndianHere(): boolean {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
}

/** Conversion of stored pixel values to grey levels through a lookup table. Pure. */

export type PixelValues = Uint8Array | Uint16Array;

const BACKGROUND_RGBA = 0xff111111;

/** Read the pixels sent by the server: little-endian, row by row. */
export function readPixels(buffer: ArrayBuffer, bits: 8 | 16, count: number): PixelValues {
  const bytes = count * (bits / 8);
  // A truncated response must not be shown as an image.
  if (buffer.byteLength !== bytes) {
    throw new RangeError(`The image has ${String(buffer.byteLength)} bytes instead of ${String(bytes)}.`);
  }
  if (bits === 8) return new Uint8Array(buffer);
  if (isLittleEndian()) return new Uint16Array(buffer);
  const view = new DataView(buffer);
  return Uint16Array.from({ length: count }, (_, i) => view.getUint16(2 * i, true));
}

/** Write the grey level of every stored value into `greys`, one byte per pixel. */
export function applyTable(values: PixelValues, table: Uint8Array, greys: Uint8Array): void {
  for (let i = 0; i < values.length; i += 1) {
    greys[i] = table[values[i] as number] as number;
  }
}

/** Write grey levels as opaque RGBA words, the format of a 2D canvas. */
export function applyTableRgba(values: PixelValues, table: Uint8Array, pixels: Uint32Array): void {
  const rgbaTable = new Uint32Array(table.length);
  for (let value = 0; value < table.length; value += 1) {
    const grey = table[value] as number;
    // `>>> 0` makes the result of the bitwise operators unsigned.
    rgbaTable[value] = (0xff000000 | (grey << 16) | (grey << 8) | grey) >>> 0;
  }
  for (let i = 0; i < values.length; i += 1) {
    pixels[i] = rgbaTable[values[i] as number] as number;
  }
}

export interface Square {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** Return a square of the image as opaque RGBA words, with the background colour outside the image. */
export function readSquare(
  values: PixelValues,
  image: { readonly width: number; readonly height: number },
  table: Uint8Array,
  { left, top, side }: Square,
): Uint32Array {
  const pixels = new Uint32Array(side * side).fill(BACKGROUND_RGBA);
  for (let y = Math.max(0, top); y < Math.min(image.height, top + side); y += 1) {
    for (let x = Math.max(0, left); x < Math.min(image.width, left + side); x += 1) {
      const grey = table[values[y * image.width + x] as number] as number;
      pixels[(y - top) * side + x - left] = (0xff000000 | (grey << 16) | (grey << 8) | grey) >>> 0;
    }
  }
  return pixels;
}

function isLittleEndian(): boolean {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
}

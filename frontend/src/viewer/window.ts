/** The linear VOI window of DICOM PS3.3 C.11.2.1.2, as a table from stored value to grey. Pure. */

export interface Window {
  readonly center: number;
  readonly width: number;
}

export interface NamedWindow extends Window {
  readonly name: string;
}

const DARKEST = 0;
const BRIGHTEST = 255;

/** Grey 0 to 255 of one value. A width below 1 counts as 1, which is a threshold. */
export function linear(value: number, window: Window): number {
  const center = window.center;
  const width = Math.max(1, window.width);
  if (value <= center - 0.5 - (width - 1) / 2) return DARKEST;
  if (value > center - 0.5 + (width - 1) / 2) return BRIGHTEST;
  const share = (value - (center - 0.5)) / (width - 1) + 0.5;
  return Math.round(share * (BRIGHTEST - DARKEST) + DARKEST);
}

/** The grey of every value that 8 or 16 bits can hold; inversion comes last. */
export function table(bits: 8 | 16, window: Window, invert: boolean): Uint8Array {
  const length = 2 ** bits;
  const greys = new Uint8Array(length);
  for (let value = 0; value < length; value += 1) {
    const grey = linear(value, window);
    greys[value] = invert ? BRIGHTEST - grey : grey;
  }
  return greys;
}

/** The window after a drag: to the right is wider, up is brighter. `original` sets the pace. */
export function dragged(window: Window, original: Window, dx: number, dy: number): Window {
  const pace = Math.max(original.width, 16) / 400;
  return {
    center: window.center + dy * pace,
    width: Math.max(1, window.width + dx * pace),
  };
}

export function same(a: Window, b: Window): boolean {
  return Math.abs(a.center - b.center) < 0.01 && Math.abs(a.width - b.width) < 0.01;
}

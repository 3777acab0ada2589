/** The linear VOI window of DICOM PS3.3 C.11.2.1.2, as a table from stored value to grey level. Pure. */

import type { NamedWindow } from "../schema";

export type { NamedWindow };
export type Window = Pick<NamedWindow, "center" | "width">;

const MIN_GREY = 0;
const MAX_GREY = 255;

/** Return the grey level (0-255) of one value. A width below 1 counts as 1, which is a threshold. */
export function greyLevel(value: number, window: Window): number {
  const center = window.center;
  const width = Math.max(1, window.width);
  if (value <= center - 0.5 - (width - 1) / 2) return MIN_GREY;
  if (value > center - 0.5 + (width - 1) / 2) return MAX_GREY;
  const fraction = (value - (center - 0.5)) / (width - 1) + 0.5;
  return Math.round(fraction * (MAX_GREY - MIN_GREY) + MIN_GREY);
}

/** Return the grey levels of all values of 8 or 16 bits; inversion is applied last. */
export function greyTable(bits: 8 | 16, window: Window, invert: boolean): Uint8Array {
  const length = 2 ** bits;
  const greys = new Uint8Array(length);
  for (let value = 0; value < length; value += 1) {
    const grey = greyLevel(value, window);
    greys[value] = invert ? MAX_GREY - grey : grey;
  }
  return greys;
}

/** Return the window after a drag in CSS pixels: right is wider, up is brighter; `original` sets the speed. */
export function dragWindow(window: Window, original: Window, dx: number, dy: number): Window {
  // A drag of 400 CSS pixels covers the original window; at least 16 values, so that a narrow one moves at all.
  const valuesPerPixel = Math.max(original.width, 16) / 400;
  return {
    center: window.center + dy * valuesPerPixel,
    width: Math.max(1, window.width + dx * valuesPerPixel),
  };
}

export function isSameWindow(a: Window, b: Window): boolean {
  // The server rounds windows to three decimals.
  return Math.abs(a.center - b.center) < 0.01 && Math.abs(a.width - b.width) < 0.01;
}

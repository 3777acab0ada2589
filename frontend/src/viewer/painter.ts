/** Interface of the painters (WebGL2 and 2D canvas), each with a separate canvas. */

import type { PixelValues } from "./windowlut";
import type { Raster, Size, View } from "./view";

export interface Picture {
  readonly raster: Raster;
  readonly values: PixelValues;
}

export interface Painter {
  readonly kind: "webgl2" | "2d";
  readonly canvas: HTMLCanvasElement;
  /** Set the image with its grey table, or null for none. */
  setPicture(picture: Picture | null, table: Uint8Array | null): void;
  /** Convert an image that will be set next, with its grey table, so that setting it takes no time. */
  prepare(picture: Picture, table: Uint8Array): void;
  setTable(table: Uint8Array): void;
  resize(screen: Size, pixelRatio: number): void;
  /** Draw the image, or the background without one. */
  draw(view: View): void;
  dispose(): void;
}

/** Return whether a prepared image is this one with this table. */
export function isPrepared(
  prepared: { readonly picture: Picture; readonly table: Uint8Array } | null,
  picture: Picture,
  table: Uint8Array | null,
): boolean {
  if (prepared === null || table === null || prepared.picture.values !== picture.values) return false;
  return prepared.table.length === table.length && prepared.table.every((grey, value) => grey === table[value]);
}

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
  setTable(table: Uint8Array): void;
  resize(screen: Size, pixelRatio: number): void;
  /** Draw the image, or the background without one. */
  draw(view: View): void;
  dispose(): void;
}

/** What a way of drawing must do; WebGL2 and the 2D canvas each do it on a canvas of their own. */

import type { Stored } from "./windowlut";
import type { Raster, Size, View } from "./view";

export interface Picture {
  readonly raster: Raster;
  readonly values: Stored;
}

export interface Painter {
  readonly kind: "webgl2" | "2d";
  readonly canvas: HTMLCanvasElement;
  setPicture(picture: Picture): void;
  setTable(table: Uint8Array): void;
  resize(screen: Size, pixelRatio: number): void;
  draw(view: View): void;
  dispose(): void;
}

/** Painter that uses a 2D canvas, for browsers without WebGL2 or with a software renderer only. */

import { isPrepared } from "./painter";
import type { Painter, Picture } from "./painter";
import { applyTableRgba } from "./windowlut";
import type { Size, View } from "./view";

const BACKGROUND = "#111111";

export class CanvasPainter implements Painter {
  readonly kind = "2d";
  readonly canvas = document.createElement("canvas");
  private readonly context: CanvasRenderingContext2D | null;
  private source = new Source();
  private spare = new Source();
  private prepared: { readonly picture: Picture; readonly table: Uint8Array } | null = null;
  private picture: Picture | null = null;
  private table: Uint8Array | null = null;
  private pixelRatio = 1;

  constructor() {
    // Opaque, so that the browser need not blend the canvas with the page.
    this.context = this.canvas.getContext("2d", { alpha: false });
  }

  setPicture(picture: Picture | null, table: Uint8Array | null): void {
    this.picture = picture;
    this.table = table;
    if (picture === null) return;
    if (isPrepared(this.prepared, picture, table)) {
      [this.source, this.spare] = [this.spare, this.source];
      this.prepared = null;
    } else {
      this.updateSource();
    }
  }

  prepare(picture: Picture, table: Uint8Array): void {
    if (isPrepared(this.prepared, picture, table)) return;
    this.spare.fill(picture, table);
    this.prepared = { picture, table };
  }

  setTable(table: Uint8Array): void {
    this.table = table;
    this.updateSource();
  }

  resize(screen: Size, pixelRatio: number): void {
    this.pixelRatio = pixelRatio;
    this.canvas.width = Math.max(1, Math.round(screen.width * pixelRatio));
    this.canvas.height = Math.max(1, Math.round(screen.height * pixelRatio));
  }

  draw(view: View): void {
    const { context, picture } = this;
    if (context === null) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = BACKGROUND;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    if (picture === null || this.table === null) return;
    // Views are in CSS pixels, the canvas in device pixels.
    const scale = view.scale * this.pixelRatio;
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(
      this.source.canvas,
      view.x * this.pixelRatio,
      view.y * this.pixelRatio,
      picture.raster.width * scale,
      picture.raster.height * picture.raster.aspect * scale,
    );
  }

  dispose(): void {
    this.source.empty();
    this.spare.empty();
    this.prepared = null;
  }

  private updateSource(): void {
    if (this.picture !== null && this.table !== null) this.source.fill(this.picture, this.table);
  }
}

/** An image in its own size, as grey levels. */
class Source {
  readonly canvas = document.createElement("canvas");
  private frame: ImageData | null = null;

  fill(picture: Picture, table: Uint8Array): void {
    const { width, height } = picture.raster;
    if (this.frame?.width !== width || this.frame.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.frame = new ImageData(width, height);
    }
    // The frame's own memory as words: one write per pixel instead of four.
    applyTableRgba(picture.values, table, new Uint32Array(this.frame.data.buffer));
    this.canvas.getContext("2d")?.putImageData(this.frame, 0, 0);
  }

  empty(): void {
    // Frees the pixels at once instead of at the next garbage collection.
    this.canvas.width = this.canvas.height = 0;
    this.frame = null;
  }
}

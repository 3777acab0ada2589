/** A magnifier: the pixels around a place, each of them visible, with the outlines that run there. */

import { outlineOf } from "./overlay/marks";
import type { Bodies, Pair } from "./overlay/marks";
import type { Viewer } from "./viewer";

const SIDE = 168;
const ZOOM = 8;
const GAP = 10;
const OUTLINE = "#f0e442";
const CROSSHAIR = "#ffffff";

export class Loupe {
  readonly canvas = document.createElement("canvas");
  private readonly pixels = document.createElement("canvas");

  constructor(private readonly viewer: Viewer) {
    this.canvas.className = "loupe";
    this.canvas.hidden = true;
    this.canvas.setAttribute("aria-hidden", "true");
  }

  hide(): void {
    this.canvas.hidden = true;
  }

  /** Shows what lies around a place, in the upper corner of the viewer that is farther from it. */
  show(at: Pair, bodies: Bodies): void {
    const image = this.viewer.raster;
    if (image === null) return;
    const reach = Math.ceil(SIDE / 2 / ZOOM / Math.min(1, image.aspect)) + 1;
    const [left, top] = [Math.floor(at[0]) - reach, Math.floor(at[1]) - reach];
    const cut = this.viewer.cutOut(left, top, 2 * reach + 1);
    if (cut === null) return;
    this.pixels.width = this.pixels.height = cut.width;
    this.pixels.getContext("2d")?.putImageData(cut, 0, 0);
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = this.canvas.height = Math.round(SIDE * ratio);
    const pen = this.canvas.getContext("2d");
    if (pen === null) return;
    const place = ([x, y]: Pair): Pair => [SIDE / 2 + (x - at[0]) * ZOOM, SIDE / 2 + (y - at[1]) * ZOOM * image.aspect];
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.imageSmoothingEnabled = false;
    const [x, y] = place([left - 0.5, top - 0.5]);
    pen.drawImage(this.pixels, x, y, cut.width * ZOOM, cut.height * ZOOM * image.aspect);
    for (const body of Object.values(bodies)) {
      if (body !== null) this.outline(pen, outlineOf(body).map(place));
    }
    crosshair(pen);
    this.canvas.classList.toggle("to-the-right", this.viewer.toScreen({ x: at[0], y: at[1] }).x < this.viewer.size.width / 2);
    this.canvas.hidden = false;
  }

  private outline(pen: CanvasRenderingContext2D, corners: readonly Pair[]): void {
    pen.strokeStyle = OUTLINE;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const [x, y] of corners) pen.lineTo(x, y);
    pen.closePath();
    pen.stroke();
  }
}

function crosshair(pen: CanvasRenderingContext2D): void {
  for (const [width, colour] of [[3, "#000000"], [1, CROSSHAIR]] as const) {
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.beginPath();
    for (const sign of [-1, 1]) {
      pen.moveTo(SIDE / 2 + sign * GAP, SIDE / 2);
      pen.lineTo(SIDE / 2 + sign * 2.5 * GAP, SIDE / 2);
      pen.moveTo(SIDE / 2, SIDE / 2 + sign * GAP);
      pen.lineTo(SIDE / 2, SIDE / 2 + sign * 2.5 * GAP);
    }
    pen.stroke();
  }
}

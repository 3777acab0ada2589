/** A magnifier that shows the individual pixels around a point, with the outlines of the bodies. */

import { outlineOf } from "./overlay/marks";
import type { Bodies, Pair } from "./overlay/marks";
import type { Viewer } from "./viewer";

const SIDE_PX = 168;
const ZOOM = 8;
const CROSSHAIR_GAP_PX = 10;
const OUTLINE = "#f0e442";
const CROSSHAIR = "#ffffff";

export class CornerMagnifier {
  readonly canvas = document.createElement("canvas");
  private readonly pixels = document.createElement("canvas");

  constructor(private readonly viewer: Viewer) {
    this.canvas.className = "corner-magnifier";
    this.canvas.hidden = true;
    this.canvas.setAttribute("aria-hidden", "true");
  }

  hide(): void {
    this.canvas.hidden = true;
  }

  /** Show the surroundings of `centre`, in the upper corner of the viewer that is farther from it. */
  show(centre: Pair, bodies: Bodies): void {
    const image = this.viewer.raster;
    if (image === null) return;
    // Rows may be lower than columns are wide, so that more of them fit.
    const radius = Math.ceil(SIDE_PX / 2 / ZOOM / Math.min(1, image.aspect)) + 1;
    const [left, top] = [Math.floor(centre[0]) - radius, Math.floor(centre[1]) - radius];
    const square = this.viewer.readSquare(left, top, 2 * radius + 1);
    if (square === null) return;
    this.pixels.width = this.pixels.height = square.width;
    this.pixels.getContext("2d")?.putImageData(square, 0, 0);
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = this.canvas.height = Math.round(SIDE_PX * ratio);
    const context = this.canvas.getContext("2d");
    if (context === null) return;
    const toCanvas = ([x, y]: Pair): Pair => [SIDE_PX / 2 + (x - centre[0]) * ZOOM, SIDE_PX / 2 + (y - centre[1]) * ZOOM * image.aspect];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    // Pixels stay visible as squares: corners are placed to a half of one.
    context.imageSmoothingEnabled = false;
    const [x, y] = toCanvas([left - 0.5, top - 0.5]);
    context.drawImage(this.pixels, x, y, square.width * ZOOM, square.height * ZOOM * image.aspect);
    for (const body of Object.values(bodies)) {
      if (body !== null) this.drawOutline(context, outlineOf(body).map(toCanvas));
    }
    drawCrosshair(context);
    this.canvas.classList.toggle("on-right", this.viewer.toScreen({ x: centre[0], y: centre[1] }).x < this.viewer.size.width / 2);
    this.canvas.hidden = false;
  }

  private drawOutline(context: CanvasRenderingContext2D, corners: readonly Pair[]): void {
    context.strokeStyle = OUTLINE;
    context.lineWidth = 1;
    context.beginPath();
    for (const [x, y] of corners) context.lineTo(x, y);
    context.closePath();
    context.stroke();
  }
}

function drawCrosshair(context: CanvasRenderingContext2D): void {
  // A dark line below the white one, so that the crosshair shows on any grey.
  for (const [width, colour] of [[3, "#000000"], [1, CROSSHAIR]] as const) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.beginPath();
    for (const sign of [-1, 1]) {
      context.moveTo(SIDE_PX / 2 + sign * CROSSHAIR_GAP_PX, SIDE_PX / 2);
      context.lineTo(SIDE_PX / 2 + sign * 2.5 * CROSSHAIR_GAP_PX, SIDE_PX / 2);
      context.moveTo(SIDE_PX / 2, SIDE_PX / 2 + sign * CROSSHAIR_GAP_PX);
      context.lineTo(SIDE_PX / 2, SIDE_PX / 2 + sign * 2.5 * CROSSHAIR_GAP_PX);
    }
    context.stroke();
  }
}

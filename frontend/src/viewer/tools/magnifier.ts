/** A magnifying glass that follows the pointer. It shows the image alone, so that it is the same in every arm. */

import { el } from "../../dom";
import type { Point } from "../view";
import { pixelRatio } from "../pixelratio";
import type { Viewer } from "../viewer";

const SIDE_PX = 208;
/** Magnification relative to the present view. */
const MAGNIFICATION = 2.5;
const MIN_SCALE = 2;

export class Magnifier {
  readonly canvas = el("canvas", { class: "magnifier", hidden: true, "aria-hidden": "true" });
  private readonly pixels = document.createElement("canvas");

  constructor(
    private readonly viewer: Viewer,
    host: HTMLElement,
  ) {
    host.append(this.canvas);
    // In the capture phase, because drawing tools stop the event.
    host.addEventListener("pointermove", () => { this.update(); }, { capture: true });
  }

  get shown(): boolean {
    return !this.canvas.hidden;
  }

  setShown(shown: boolean): void {
    this.canvas.hidden = !shown;
    this.update();
  }

  /** Draw the surroundings of the pointer, or of the centre of the view without a pointer. */
  update(): void {
    if (!this.shown) return;
    const image = this.viewer.raster;
    if (image === null) return;
    const at = this.viewer.pointer ?? { x: this.viewer.size.width / 2, y: this.viewer.size.height / 2 };
    const scale = Math.max(MIN_SCALE, MAGNIFICATION * this.viewer.scale);
    const centre = this.viewer.toImage(at);
    const radius = Math.ceil(SIDE_PX / 2 / scale / Math.min(1, image.aspect)) + 1;
    const [left, top] = [Math.round(centre.x) - radius, Math.round(centre.y) - radius];
    const square = this.viewer.readSquare(left, top, 2 * radius + 1);
    this.canvas.style.transform = `translate(${String(at.x - SIDE_PX / 2)}px, ${String(at.y - SIDE_PX / 2)}px)`;
    if (square !== null) this.draw(square, { x: left - 0.5 - centre.x, y: top - 0.5 - centre.y }, scale, image.aspect);
  }

  /** Draw a square whose top left edge is at `offset` from the centre, in image pixels. */
  private draw(square: ImageData, offset: Point, scale: number, aspect: number): void {
    this.pixels.width = this.pixels.height = square.width;
    this.pixels.getContext("2d")?.putImageData(square, 0, 0);
    const ratio = pixelRatio();
    this.canvas.width = this.canvas.height = Math.round(SIDE_PX * ratio);
    const context = this.canvas.getContext("2d");
    if (context === null) return;
    context.setTransform(ratio, 0, 0, ratio, SIDE_PX * ratio / 2, SIDE_PX * ratio / 2);
    context.imageSmoothingQuality = "high";
    const side = square.width * scale;
    context.drawImage(this.pixels, offset.x * scale, offset.y * scale * aspect, side, side * aspect);
  }
}

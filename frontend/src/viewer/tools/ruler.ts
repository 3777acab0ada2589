/** A ruler: drag with the left button or a finger to measure a distance in mm, or in pixels without a known spacing. */

import { OverlayShapes } from "../overlay/overlayshapes";
import type { Pair } from "../overlay/marks";
import { distance } from "../pixelsize";
import type { PixelSize } from "../pixelsize";
import type { Viewer } from "../viewer";

const LABEL_GAP = 10;
const END_RADIUS = 3;

export class Ruler {
  private readonly shapes = new OverlayShapes();
  private readonly listeners = new AbortController();
  private ends: readonly [Pair, Pair] | null = null;
  private draggedBy: number | null = null;
  private active = false;

  constructor(
    private readonly viewer: Viewer,
    private readonly host: HTMLElement,
  ) {
    this.shapes.svg.classList.add("ruler");
    host.append(this.shapes.svg);
    // In the capture phase, so that a drag of the ruler does not change the window as well.
    const options = { capture: true, signal: this.listeners.signal };
    host.addEventListener("pointerdown", (event) => { this.start(event); }, options);
    host.addEventListener("pointermove", (event) => { this.drag(event); }, options);
    for (const name of ["pointerup", "pointercancel"] as const) {
      host.addEventListener(name, (event) => { this.stop(event); }, options);
    }
  }

  get shown(): boolean {
    return this.active;
  }

  /** Show the ruler for the next drag, or remove it with its measurement. */
  setShown(shown: boolean): void {
    this.active = shown;
    this.ends = null;
    this.draggedBy = null;
    this.host.classList.toggle("with-ruler", shown);
    this.rebuild();
  }

  /** Adapt the measurement to the present view. */
  update(): void {
    this.viewer.updateShapes(this.shapes);
  }

  private start(event: PointerEvent): void {
    // Shift keeps its meaning, so that the image can be moved while measuring.
    if (!this.active || event.button !== 0 || event.shiftKey || !event.isPrimary) return;
    event.preventDefault();
    event.stopPropagation();
    this.host.setPointerCapture(event.pointerId);
    this.draggedBy = event.pointerId;
    const at = this.imagePoint(event);
    this.ends = [at, at];
    this.rebuild();
  }

  private drag(event: PointerEvent): void {
    if (this.draggedBy !== event.pointerId || this.ends === null) return;
    event.stopPropagation();
    this.ends = [this.ends[0], this.imagePoint(event)];
    this.rebuild();
  }

  private stop(event: PointerEvent): void {
    if (this.draggedBy !== event.pointerId) return;
    event.stopPropagation();
    this.draggedBy = null;
  }

  private imagePoint(event: PointerEvent): Pair {
    const box = this.host.getBoundingClientRect();
    const { x, y } = this.viewer.toImage({ x: event.clientX - box.left, y: event.clientY - box.top });
    return [x, y];
  }

  private rebuild(): void {
    this.shapes.clear();
    const { ends } = this;
    if (ends !== null) {
      this.shapes.shapeWithHalo("polyline", ends, "ruler-halo", "ruler-line");
      for (const end of ends) this.shapes.addMark("circle", end, { class: "ruler-end", r: END_RADIUS });
      this.shapes.addLabelBeside(lengthText(ends, this.viewer.pixels), ends[1], LABEL_GAP, "ruler-label");
    }
    this.update();
  }
}

/** Return a length such as "12.3 mm" or "51 pixels". */
export function lengthText([from, to]: readonly [Pair, Pair], size: PixelSize): string {
  const length = distance(from, to, size);
  return size.unit === "mm" ? `${length.toFixed(1)} mm` : `${length.toFixed(0)} pixels`;
}

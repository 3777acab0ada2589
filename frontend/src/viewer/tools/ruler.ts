/**
 * A ruler: drag with the left button or a finger, or place both ends with the arrow keys and Enter, to measure a
 * distance in mm, or in pixels without a known spacing.
 */

import { el } from "../../dom";
import { belongsToField } from "../../keys";
import { OverlayShapes } from "../overlay/overlayshapes";
import type { Pair } from "../overlay/marks";
import { distance } from "../pixelsize";
import type { PixelSize } from "../pixelsize";
import type { Viewer } from "../viewer";
import { arrowStep, enterKey, moveEnd } from "./rulerkeys";
import type { KeyboardEnd } from "./rulerkeys";

const LABEL_GAP = 10;
const END_RADIUS = 3;

export class Ruler {
  private readonly shapes = new OverlayShapes();
  private readonly listeners = new AbortController();
  private ends: readonly [Pair, Pair] | null = null;
  private draggedBy: number | null = null;
  private active = false;
  /** Which end the arrow keys move. */
  private keyboardEnd: KeyboardEnd = "none";
  /** Reads positions and lengths out. */
  private readonly announcer = el("p", { class: "visually-hidden", "aria-live": "polite" });
  /** Called when Escape has removed the ruler. */
  onLeave: () => void = () => undefined;

  constructor(
    private readonly viewer: Viewer,
    private readonly host: HTMLElement,
  ) {
    this.shapes.svg.classList.add("ruler");
    host.append(this.shapes.svg, this.announcer);
    // In the capture phase, so that a drag of the ruler does not change the window as well.
    const options = { capture: true, signal: this.listeners.signal };
    host.addEventListener("pointerdown", (event) => { this.start(event); }, options);
    host.addEventListener("pointermove", (event) => { this.drag(event); }, options);
    for (const name of ["pointerup", "pointercancel"] as const) {
      host.addEventListener(name, (event) => { this.stop(event); }, options);
    }
    // On the window and in the capture phase, before the keys of the page.
    window.addEventListener("keydown", (event) => { this.handleKey(event); }, options);
  }

  get shown(): boolean {
    return this.active;
  }

  /** Show the ruler for the next drag, or remove it with its measurement. */
  setShown(shown: boolean): void {
    this.active = shown;
    this.ends = null;
    this.keyboardEnd = "none";
    this.draggedBy = null;
    this.host.classList.toggle("with-ruler", shown);
    // Off its button, which Enter would press.
    if (shown) this.host.focus({ preventScroll: true });
    this.announce(shown ? "Ruler. Place its ends with the arrow keys, set each with Enter, leave with Escape." : "");
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
    this.keyboardEnd = "second";
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
    this.announceLength();
  }

  private handleKey(event: KeyboardEvent): void {
    if (!this.active || belongsToField(event.target, event) || document.querySelector("dialog[open]") !== null) return;
    const step = arrowStep(event);
    if (step !== null) this.moveByKey(step);
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) this.setEnd(event.repeat);
    else if (event.key === "Escape") this.leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private moveByKey(step: { readonly x: number; readonly y: number }): void {
    const { width, height } = this.viewer.size;
    const middle = this.viewer.toImage({ x: width / 2, y: height / 2 });
    if (this.ends === null) this.keyboardEnd = "first";
    const ends = this.ends ?? [[middle.x, middle.y], [middle.x, middle.y]];
    const move = (from: Pair): Pair => {
      const at = this.viewer.toScreen({ x: from[0], y: from[1] });
      const { x, y } = this.viewer.toImage({
        x: Math.min(Math.max(at.x + step.x, 0), width),
        y: Math.min(Math.max(at.y + step.y, 0), height),
      });
      return [x, y];
    };
    this.ends = moveEnd(ends, this.keyboardEnd, move);
    this.rebuild();
    if (this.keyboardEnd === "first") this.announce(`First end ${positionText(this.ends[0])}. Press Enter to set it.`);
    else this.announceLength();
  }

  private setEnd(repeated: boolean): void {
    // Holding the key must not set both ends.
    if (repeated || this.ends === null) return;
    const { ends, end } = enterKey(this.ends, this.keyboardEnd);
    this.ends = ends;
    this.keyboardEnd = end;
    this.rebuild();
    if (end === "second") this.announce("First end set. Move the second end with the arrow keys.");
    else this.announce(`${lengthText(ends, this.viewer.pixels)}. Second end set. Press Enter to measure again from here.`);
  }

  private leave(): void {
    this.setShown(false);
    this.announce("Ruler off.");
    this.onLeave();
  }

  private announceLength(): void {
    if (this.ends !== null) this.announce(lengthText(this.ends, this.viewer.pixels));
  }

  private announce(text: string): void {
    this.announcer.textContent = text;
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

/** Return the position of an image point, for screen readers. */
function positionText([x, y]: Pair): string {
  return `at column ${x.toFixed(0)}, row ${y.toFixed(0)} of the image`;
}

/** Return a length such as "12.3 mm" or "51 pixels". */
export function lengthText([from, to]: readonly [Pair, Pair], size: PixelSize): string {
  const length = distance(from, to, size);
  return size.unit === "mm" ? `${length.toFixed(1)} mm` : `${length.toFixed(0)} pixels`;
}

/** The corners of the bodies as things to take hold of: by mouse, pen and finger, and by keyboard. */

import { button, el } from "../dom";
import type { Bodies, Pair } from "../viewer/overlay/marks";
import type { Point, Size } from "../viewer/view";
import type { Viewer } from "../viewer/viewer";
import { PLACES, at, nameOf } from "./draft";
import type { Place } from "./draft";

export interface HandleEvents {
  picked(place: Place): void;
  /** Null where the pointer has left the image. */
  dragged(place: Place, to: Pair | null): void;
  released(): void;
  stepped(place: Place, by: Pair): void;
  takenOut(place: Place): void;
}

interface Drag {
  readonly pointer: number;
  readonly place: Place;
  /** From the pointer to the corner, so that it does not jump under the finger. */
  readonly grip: Point;
}

export const STEP = 0.5;
const FAR_STEP = 5;
const REACH: Readonly<Record<string, number>> = { mouse: 14, pen: 18, touch: 24 };
const ARROWS: Readonly<Record<string, Pair>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export class Handles {
  private readonly layer = el("div", { class: "handles", role: "group", "aria-label": "Corners, from T12 to L5" });
  private readonly handles = new Map<Place, HTMLButtonElement>();
  private bodies: Bodies = {};
  private drag: Drag | null = null;
  private stop = new AbortController();

  constructor(
    private readonly viewer: Viewer,
    private readonly host: HTMLElement,
    private readonly events: HandleEvents,
  ) {
    for (const place of PLACES) this.handles.set(place, this.handle(place));
    this.layer.append(...this.handles.values());
  }

  begin(): void {
    this.stop = new AbortController();
    const first = { capture: true, signal: this.stop.signal };
    this.host.addEventListener("pointerdown", (event) => { this.down(event); }, first);
    this.host.addEventListener("pointermove", (event) => { this.move(event); }, first);
    this.host.addEventListener("pointerup", (event) => { this.up(event); }, first);
    this.host.addEventListener("pointercancel", (event) => { this.up(event); }, first);
    this.host.append(this.layer);
  }

  end(): void {
    this.stop.abort();
    this.drag = null;
    this.layer.remove();
    this.host.classList.remove("takes-corner");
  }

  show(bodies: Bodies): void {
    this.bodies = bodies;
    for (const [place, handle] of this.handles) handle.hidden = at(bodies, place) === null;
    this.place();
  }

  focus(place: Place): void {
    this.handles.get(place)?.focus({ preventScroll: true });
  }

  mark(picked: Place | null): void {
    for (const [place, handle] of this.handles) handle.classList.toggle("picked", place === picked);
  }

  private handle(place: Place): HTMLButtonElement {
    const made = button("", () => { this.events.picked(place); }, { class: "handle", "aria-label": nameOf(place) });
    made.addEventListener("focus", () => {
      const corner = at(this.bodies, place);
      if (corner !== null && this.drag === null) this.viewer.bringIntoSight({ x: corner[0], y: corner[1] });
      this.events.picked(place);
    });
    made.addEventListener("keydown", (event) => { this.key(event, place); });
    return made;
  }

  /** Puts every handle where its corner stands on the screen now. */
  place(): void {
    for (const [place, handle] of this.handles) {
      const corner = at(this.bodies, place);
      if (corner === null) continue;
      const { x, y } = this.viewer.toScreen({ x: corner[0], y: corner[1] });
      handle.style.transform = `translate(${String(x)}px, ${String(y)}px)`;
    }
  }

  private key(event: KeyboardEvent, place: Place): void {
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrow !== undefined) {
      const step = event.shiftKey ? FAR_STEP : STEP;
      this.events.stepped(place, [arrow[0] * step, arrow[1] * step]);
    } else if (event.key === "Delete" || event.key === "Backspace") this.events.takenOut(place);
    else return;
    event.preventDefault();
  }

  private down(event: PointerEvent): void {
    const pointer = this.pointed(event);
    const place = this.drag === null ? this.nearest(pointer, event.pointerType) : null;
    if (place === null && this.drag === null) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    const corner = place === null ? null : at(this.bodies, place);
    if (place === null || corner === null || event.button !== 0) return;
    const shown = this.viewer.toScreen({ x: corner[0], y: corner[1] });
    this.drag = { pointer: event.pointerId, place, grip: { x: shown.x - pointer.x, y: shown.y - pointer.y } };
    this.host.setPointerCapture(event.pointerId);
    this.focus(place);
    this.events.picked(place);
  }

  private move(event: PointerEvent): void {
    const { drag } = this;
    const pointer = this.pointed(event);
    if (drag === null) {
      const over = event.buttons === 0 ? this.nearest(pointer, event.pointerType) : null;
      this.host.classList.toggle("takes-corner", over !== null);
      return;
    }
    if (event.pointerId !== drag.pointer) return;
    const to = this.viewer.toImage({ x: pointer.x + drag.grip.x, y: pointer.y + drag.grip.y });
    const image = this.viewer.raster;
    this.events.dragged(drag.place, image !== null && inside(image, to) ? [rounded(to.x), rounded(to.y)] : null);
  }

  private up(event: PointerEvent): void {
    if (event.pointerId !== this.drag?.pointer) return;
    this.drag = null;
    this.events.released();
  }

  private nearest(pointer: Point, kind: string): Place | null {
    let found: Place | null = null;
    let least = REACH[kind] ?? 14;
    for (const place of PLACES) {
      const corner = at(this.bodies, place);
      if (corner === null) continue;
      const shown = this.viewer.toScreen({ x: corner[0], y: corner[1] });
      const distance = Math.hypot(shown.x - pointer.x, shown.y - pointer.y);
      if (distance > least) continue;
      least = distance;
      found = place;
    }
    return found;
  }

  private pointed(event: PointerEvent): Point {
    const box = this.host.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
}

/** Whether a place lies on the image, which reaches half a pixel beyond the first and last centres. */
export function inside(image: Size, { x, y }: Point): boolean {
  return x >= -0.5 && y >= -0.5 && x <= image.width - 0.5 && y <= image.height - 0.5;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

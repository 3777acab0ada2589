/** Draggable handles on the vertebral corners, for mouse, pen, touch and keyboard. */

import { button, el } from "../dom";
import type { Bodies, Pair } from "../viewer/overlay/marks";
import type { Point, Size } from "../viewer/view";
import type { Viewer } from "../viewer/viewer";
import { CORNER_IDS, cornerAt, cornerName } from "./draft";
import type { CornerId } from "./draft";

export interface HandleEvents {
  selected(cornerId: CornerId): void;
  /** `to` is null while the pointer is outside the image. */
  dragged(cornerId: CornerId, to: Pair | null): void;
  released(): void;
  stepped(cornerId: CornerId, by: Pair): void;
  removed(cornerId: CornerId): void;
}

interface Drag {
  readonly pointer: number;
  readonly cornerId: CornerId;
  /** Vector from the pointer to the corner at the start, so that the corner does not jump. */
  readonly offset: Point;
}

/** Steps of the arrow keys, in image pixels. */
export const SMALL_STEP = 0.5;
const LARGE_STEP = 5;
// Fingers cover more of the image than a mouse pointer, so the distance at which they grab is larger.
const GRAB_RADIUS_PX: Readonly<Record<string, number>> = { mouse: 14, pen: 18, touch: 24 };
const ARROWS: Readonly<Record<string, Pair>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export class Handles {
  private readonly layer = el("div", { class: "handles", role: "group", "aria-label": "Corners from T12 to L5" });
  private readonly handles = new Map<CornerId, HTMLButtonElement>();
  private bodies: Bodies = {};
  private drag: Drag | null = null;
  private listeners = new AbortController();

  constructor(
    private readonly viewer: Viewer,
    private readonly host: HTMLElement,
    private readonly events: HandleEvents,
  ) {
    for (const cornerId of CORNER_IDS) this.handles.set(cornerId, this.createHandle(cornerId));
    this.layer.append(...this.handles.values());
  }

  begin(): void {
    this.listeners = new AbortController();
    // Captured before the viewer sees the event, which would otherwise change the window.
    const first = { capture: true, signal: this.listeners.signal };
    this.host.addEventListener("pointerdown", (event) => { this.handleDown(event); }, first);
    this.host.addEventListener("pointermove", (event) => { this.handleMove(event); }, first);
    this.host.addEventListener("pointerup", (event) => { this.handleUp(event); }, first);
    this.host.addEventListener("pointercancel", (event) => { this.handleUp(event); }, first);
    this.host.append(this.layer);
  }

  end(): void {
    this.listeners.abort();
    this.drag = null;
    this.layer.remove();
    this.host.classList.remove("over-corner");
  }

  show(bodies: Bodies): void {
    this.bodies = bodies;
    for (const [cornerId, handle] of this.handles) handle.hidden = cornerAt(bodies, cornerId) === null;
    this.updatePositions();
  }

  focus(cornerId: CornerId): void {
    this.handles.get(cornerId)?.focus({ preventScroll: true });
  }

  highlight(selected: CornerId | null): void {
    for (const [cornerId, handle] of this.handles) handle.classList.toggle("selected", cornerId === selected);
  }

  private createHandle(cornerId: CornerId): HTMLButtonElement {
    const element = button("", () => { this.events.selected(cornerId); }, { class: "handle", "aria-label": cornerName(cornerId) });
    element.addEventListener("focus", () => {
      const corner = cornerAt(this.bodies, cornerId);
      // Not during a drag, because the image would move away under the pointer.
      if (corner !== null && this.drag === null) this.viewer.panIntoView({ x: corner[0], y: corner[1] });
      this.events.selected(cornerId);
    });
    element.addEventListener("keydown", (event) => { this.handleKey(event, cornerId); });
    return element;
  }

  /** Move every handle to the current screen position of its corner. */
  updatePositions(): void {
    for (const [cornerId, handle] of this.handles) {
      const corner = cornerAt(this.bodies, cornerId);
      if (corner === null) continue;
      const { x, y } = this.viewer.toScreen({ x: corner[0], y: corner[1] });
      handle.style.transform = `translate(${String(x)}px, ${String(y)}px)`;
    }
  }

  private handleKey(event: KeyboardEvent, cornerId: CornerId): void {
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrow !== undefined) {
      const step = event.shiftKey ? LARGE_STEP : SMALL_STEP;
      this.events.stepped(cornerId, [arrow[0] * step, arrow[1] * step]);
    } else if (event.key === "Delete" || event.key === "Backspace") this.events.removed(cornerId);
    else return;
    event.preventDefault();
  }

  private handleDown(event: PointerEvent): void {
    const pointer = this.pointerPosition(event);
    const cornerId = this.drag === null ? this.nearest(pointer, event.pointerType) : null;
    // During a drag, a second finger must not zoom the image.
    if (cornerId === null && this.drag === null) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    const corner = cornerId === null ? null : cornerAt(this.bodies, cornerId);
    if (cornerId === null || corner === null || event.button !== 0) return;
    const shown = this.viewer.toScreen({ x: corner[0], y: corner[1] });
    this.drag = { pointer: event.pointerId, cornerId: cornerId, offset: { x: shown.x - pointer.x, y: shown.y - pointer.y } };
    this.host.setPointerCapture(event.pointerId);
    this.focus(cornerId);
    this.events.selected(cornerId);
  }

  private handleMove(event: PointerEvent): void {
    const { drag } = this;
    const pointer = this.pointerPosition(event);
    if (drag === null) {
      // With a button pressed, the pointer is moving the image.
      const over = event.buttons === 0 ? this.nearest(pointer, event.pointerType) : null;
      this.host.classList.toggle("over-corner", over !== null);
      return;
    }
    if (event.pointerId !== drag.pointer) return;
    const to = this.viewer.toImage({ x: pointer.x + drag.offset.x, y: pointer.y + drag.offset.y });
    const image = this.viewer.raster;
    this.events.dragged(drag.cornerId, image !== null && inside(image, to) ? [rounded(to.x), rounded(to.y)] : null);
  }

  private handleUp(event: PointerEvent): void {
    if (event.pointerId !== this.drag?.pointer) return;
    this.drag = null;
    this.events.released();
  }

  private nearest(pointer: Point, kind: string): CornerId | null {
    let nearestCorner: CornerId | null = null;
    let nearestDistance = GRAB_RADIUS_PX[kind] ?? 14;
    for (const cornerId of CORNER_IDS) {
      const corner = cornerAt(this.bodies, cornerId);
      if (corner === null) continue;
      const shown = this.viewer.toScreen({ x: corner[0], y: corner[1] });
      const distance = Math.hypot(shown.x - pointer.x, shown.y - pointer.y);
      if (distance > nearestDistance) continue;
      nearestDistance = distance;
      nearestCorner = cornerId;
    }
    return nearestCorner;
  }

  private pointerPosition(event: PointerEvent): Point {
    const box = this.host.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
}

/** Return whether a point lies on the image, which extends half a pixel beyond the outer pixel centres. */
export function inside(image: Size, { x, y }: Point): boolean {
  return x >= -0.5 && y >= -0.5 && x <= image.width - 0.5 && y <= image.height - 0.5;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

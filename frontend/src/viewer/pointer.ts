/** Mouse, pen and fingers on the image: left drag windows, middle pans, right zooms, two fingers do both. */

import type { Point } from "./view";

export interface Gestures {
  windowBy(dx: number, dy: number): void;
  panBy(by: Point): void;
  zoomAbout(factor: number, at: Point): void;
  ended(): void;
}

type Drag = "window" | "pan" | "zoom";

const ZOOM_PER_PIXEL = 0.006;
const ZOOM_PER_WHEEL = 0.0015;
const WHEEL_LINE = 16;

export function listenToPointers(host: HTMLElement, gestures: Gestures): () => void {
  const stop = new AbortController();
  const held = new Map<number, Point>();
  let drag: Drag | null = null;
  let start: Point = { x: 0, y: 0 };

  const at = (event: PointerEvent | WheelEvent): Point => {
    const box = host.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  const down = (event: PointerEvent): void => {
    if (held.size >= 2) return;
    event.preventDefault();
    host.setPointerCapture(event.pointerId);
    held.set(event.pointerId, at(event));
    start = at(event);
    drag = dragOf(event);
  };

  const move = (event: PointerEvent): void => {
    const before = held.get(event.pointerId);
    if (before === undefined) return;
    const now = at(event);
    const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
    held.set(event.pointerId, now);
    if (other !== undefined) {
      pinch(gestures, before, now, other);
      return;
    }
    const dx = now.x - before.x;
    const dy = now.y - before.y;
    if (drag === "window") gestures.windowBy(dx, dy);
    if (drag === "pan") gestures.panBy({ x: dx, y: dy });
    if (drag === "zoom") gestures.zoomAbout(Math.exp(-dy * ZOOM_PER_PIXEL), start);
  };

  const up = (event: PointerEvent): void => {
    if (!held.delete(event.pointerId)) return;
    if (held.size === 0) gestures.ended();
    else drag = null;
  };

  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL_LINE : 1;
    const factor = Math.exp(-event.deltaY * pixels * ZOOM_PER_WHEEL * (event.ctrlKey ? 4 : 1));
    gestures.zoomAbout(factor, at(event));
    gestures.ended();
  };

  const options = { signal: stop.signal };
  host.addEventListener("pointerdown", down, options);
  host.addEventListener("pointermove", move, options);
  host.addEventListener("pointerup", up, options);
  host.addEventListener("pointercancel", up, options);
  host.addEventListener("wheel", wheel, { ...options, passive: false });
  host.addEventListener("contextmenu", (event) => { event.preventDefault(); }, options);
  host.addEventListener("mousedown", (event) => { event.preventDefault(); }, options);
  return () => { stop.abort(); };
}

function dragOf(event: PointerEvent): Drag {
  if (event.button === 1 || event.shiftKey) return "pan";
  return event.button === 2 ? "zoom" : "window";
}

function pinch(gestures: Gestures, before: Point, now: Point, other: Point): void {
  const distance = (point: Point): number => Math.hypot(point.x - other.x, point.y - other.y);
  const middle = (point: Point): Point => ({ x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 });
  const from = middle(before);
  const to = middle(now);
  gestures.panBy({ x: to.x - from.x, y: to.y - from.y });
  if (distance(before) > 1) gestures.zoomAbout(distance(now) / distance(before), to);
}

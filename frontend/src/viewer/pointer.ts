/** Pointer gestures: left drag changes the window, middle drag pans, right drag zooms, two fingers pan and zoom. */

import type { Point } from "./view";

export interface GestureHandlers {
  windowBy(dx: number, dy: number): void;
  panBy(by: Point): void;
  zoomAbout(factor: number, at: Point): void;
}

type Drag = "window" | "pan" | "zoom";

const ZOOM_PER_PIXEL = 0.006;
const ZOOM_PER_WHEEL = 0.0015;
/** Pixels per line, for browsers that report the wheel in lines. */
const WHEEL_LINE = 16;

export function listenToPointers(host: HTMLElement, handlers: GestureHandlers): () => void {
  const listeners = new AbortController();
  const pointers = new Map<number, Point>();
  let drag: Drag | null = null;
  let start: Point = { x: 0, y: 0 };

  const positionOf = (event: PointerEvent | WheelEvent): Point => {
    const box = host.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  const handleDown = (event: PointerEvent): void => {
    // A third finger would make the pinch jump between pairs.
    if (pointers.size >= 2) return;
    event.preventDefault();
    // A drag continues outside the viewer, and its end is not missed there.
    host.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, positionOf(event));
    start = positionOf(event);
    drag = dragKind(event);
  };

  const handleMove = (event: PointerEvent): void => {
    const previous = pointers.get(event.pointerId);
    if (previous === undefined) return;
    const current = positionOf(event);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, current);
    if (other !== undefined) {
      pinch(handlers, previous, current, other);
      return;
    }
    const dx = current.x - previous.x;
    const dy = current.y - previous.y;
    if (drag === "window") handlers.windowBy(dx, dy);
    if (drag === "pan") handlers.panBy({ x: dx, y: dy });
    // About the start of the drag, so that the structure under the pointer stays in place. The exponential makes
    // equal distances equal factors.
    if (drag === "zoom") handlers.zoomAbout(Math.exp(-dy * ZOOM_PER_PIXEL), start);
  };

  const handleUp = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId)) return;
    // After a pinch the remaining finger must not change the window.
    if (pointers.size > 0) drag = null;
  };

  const handleWheel = (event: WheelEvent): void => {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL_LINE : 1;
    // Browsers report a pinch on a touchpad as a wheel turn with Ctrl, in much smaller steps.
    const factor = Math.exp(-event.deltaY * pixels * ZOOM_PER_WHEEL * (event.ctrlKey ? 4 : 1));
    handlers.zoomAbout(factor, positionOf(event));
  };

  const options = { signal: listeners.signal };
  host.addEventListener("pointerdown", handleDown, options);
  host.addEventListener("pointermove", handleMove, options);
  host.addEventListener("pointerup", handleUp, options);
  host.addEventListener("pointercancel", handleUp, options);
  // Not passive, or preventDefault would not keep the page from scrolling.
  host.addEventListener("wheel", handleWheel, { ...options, passive: false });
  // The right button zooms.
  host.addEventListener("contextmenu", (event) => { event.preventDefault(); }, options);
  // Otherwise a middle click starts the browser's scrolling, and a drag selects text.
  host.addEventListener("mousedown", (event) => { event.preventDefault(); }, options);
  return () => { listeners.abort(); };
}

function dragKind(event: PointerEvent): Drag {
  if (event.button === 1 || event.shiftKey) return "pan";
  return event.button === 2 ? "zoom" : "window";
}

function pinch(handlers: GestureHandlers, previous: Point, current: Point, other: Point): void {
  const distance = (point: Point): number => Math.hypot(point.x - other.x, point.y - other.y);
  const middle = (point: Point): Point => ({ x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 });
  const from = middle(previous);
  const to = middle(current);
  handlers.panBy({ x: to.x - from.x, y: to.y - from.y });
  // Fingers at one point would divide by almost 0.
  if (distance(previous) > 1) handlers.zoomAbout(distance(current) / distance(previous), to);
}

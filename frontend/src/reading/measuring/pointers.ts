/** Pointer gestures of the drawing tool; all other gestures stay with the viewer. */

import type { Pair } from "../../viewer/overlay/marks";

export interface DrawingGestures {
  isActive(): boolean;
  down(at: Pair, pointer: string): void;
  /** The pointer is held down and has moved; `path` has the points so far. */
  dragged(at: Pair, path: readonly Pair[]): void;
  hovered(at: Pair): void;
  /** `path` is empty when the pointer did not move. */
  released(at: Pair, path: readonly Pair[]): void;
  cancelled(): void;
}

interface Press {
  readonly pointer: number;
  readonly touch: boolean;
  readonly path: Pair[];
  moved: boolean;
}

/** A pointer that moves less than this far, in CSS pixels, has clicked. */
const CLICK_RADIUS_PX = 4;
/** Distance of the points that are kept while drawing freehand. */
const STEP_PX = 2;

/**
 * Listen before the viewer does. The left button draws; Shift, the other buttons and the wheel keep their meaning.
 *
 * The viewer also receives the press of a finger, so that a second finger can pinch. Returns a function that forgets
 * the pointer that is pressed, so that its release does not draw.
 */
export function listenToDrawing(host: HTMLElement, gestures: DrawingGestures): () => void {
  let press: Press | null = null;

  const positionOf = (event: PointerEvent): Pair => {
    const box = host.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  const handleDown = (event: PointerEvent): void => {
    if (!gestures.isActive() || event.button !== 0 || event.shiftKey) return;
    if (press !== null) {
      // A second finger: the viewer pinches.
      press = null;
      gestures.cancelled();
      return;
    }
    const at = positionOf(event);
    gestures.down(at, event.pointerType);
    const touch = event.pointerType === "touch";
    press = { pointer: event.pointerId, touch, path: [at], moved: false };
    // The viewer also gets the press of a finger, in case a second one follows and pinches.
    if (touch) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    host.setPointerCapture(event.pointerId);
  };

  const handleMove = (event: PointerEvent): void => {
    if (!gestures.isActive()) return;
    const at = positionOf(event);
    if (press === null) {
      gestures.hovered(at);
      return;
    }
    if (event.pointerId !== press.pointer) return;
    event.stopImmediatePropagation();
    const [start, last] = [press.path[0] ?? at, press.path.at(-1) ?? at];
    press.moved ||= apart(start, at) >= CLICK_RADIUS_PX;
    if (!press.moved) return;
    if (apart(last, at) >= STEP_PX) press.path.push(at);
    gestures.dragged(at, press.path);
  };

  const handleUp = (event: PointerEvent): void => {
    if (event.pointerId !== press?.pointer) return;
    const { path, moved, touch } = press;
    press = null;
    if (!touch) event.stopImmediatePropagation();
    const at = positionOf(event);
    if (moved) path.push(at);
    if (event.type === "pointercancel") gestures.cancelled();
    else gestures.released(at, moved ? path : []);
  };

  host.addEventListener("pointerdown", handleDown, { capture: true });
  host.addEventListener("pointermove", handleMove, { capture: true });
  host.addEventListener("pointerup", handleUp, { capture: true });
  host.addEventListener("pointercancel", handleUp, { capture: true });
  return () => { press = null; };
}

function apart([ax, ay]: Pair, [bx, by]: Pair): number {
  return Math.hypot(ax - bx, ay - by);
}

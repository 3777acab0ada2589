/** The ruler by keyboard: steps of the arrow keys, and which end they move. Pure. */

import { isNumpadNavigation } from "../../keys";
import type { Pair } from "../overlay/marks";

/** The end that the arrow keys move; "set" is the second end after Enter, "none" before the first key. */
export type KeyboardEnd = "none" | "first" | "second" | "set";
export type Ends = readonly [Pair, Pair];

/** Steps in CSS pixels; smaller with Ctrl. */
const STEP_PX = 5;
const FINE_STEP_PX = 1;

interface ArrowPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * Return the step of an arrow key on the screen, or null for other keys, for Shift, which moves the view, and for the
 * number pad, which scores.
 */
export function arrowStep(press: ArrowPress): { readonly x: number; readonly y: number } | null {
  const direction = DIRECTIONS[press.key];
  if (direction === undefined || press.altKey || press.metaKey || press.shiftKey || isNumpadNavigation(press)) return null;
  const size = press.ctrlKey ? FINE_STEP_PX : STEP_PX;
  return { x: direction[0] * size, y: direction[1] * size };
}

/** Move one end; while the first is placed, the second stays on it. */
export function moveEnd([first, second]: Ends, end: KeyboardEnd, move: (from: Pair) => Pair): Ends {
  if (end !== "none" && end !== "first") return [first, move(second)];
  const moved = move(first);
  return [moved, moved];
}

/** Return ends and moving end after Enter: it sets the first, then the second, then starts again at the second. */
export function enterKey([first, second]: Ends, end: KeyboardEnd): { readonly ends: Ends; readonly end: KeyboardEnd } {
  if (end === "none" || end === "first") return { ends: [first, first], end: "second" };
  if (end === "second") return { ends: [first, second], end: "set" };
  return { ends: [second, second], end: "second" };
}

/** Undo and redo of a drawing. Pure and immutable. */

import type { Drawing } from "./drawing";

export interface Edit {
  readonly now: Drawing;
  readonly past: readonly Drawing[];
  readonly future: readonly Drawing[];
  /** Name of the gesture to which the last change belongs; the changes of one gesture are undone together. */
  readonly gesture: string;
}

export function startEdit(drawing: Drawing): Edit {
  return { now: drawing, past: [], future: [], gesture: "" };
}

export function changeDrawing(edit: Edit, now: Drawing, gesture = ""): Edit {
  const sameGesture = gesture !== "" && gesture === edit.gesture;
  // A new change ends what could be redone.
  return { now, past: sameGesture ? edit.past : [...edit.past, edit.now], future: [], gesture };
}

/** End the current gesture, so that the next change is undone separately. */
export function endGesture(edit: Edit): Edit {
  return edit.gesture === "" ? edit : { ...edit, gesture: "" };
}

export function undo(edit: Edit): Edit {
  const before = edit.past.at(-1);
  return before === undefined ? edit : { now: before, past: edit.past.slice(0, -1), future: [edit.now, ...edit.future], gesture: "" };
}

export function redo(edit: Edit): Edit {
  const [after, ...future] = edit.future;
  return after === undefined ? edit : { now: after, past: [...edit.past, edit.now], future, gesture: "" };
}

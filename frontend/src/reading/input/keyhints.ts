/** Key hints of the panel for the actions available at the moment. Pure. */

import type { Action } from "../../keys";
import type { CellId } from "../contract";
import { highestScore } from "../padstate";

export interface KeyContext {
  readonly paused: boolean;
  readonly reasonOpen: boolean;
  readonly guided: boolean;
  readonly measured?: boolean;
  readonly comments: boolean;
  readonly revision?: boolean;
  readonly complete: boolean;
  /** Whether submitting opens another case: not after the first reading of a case, nor after a revision. */
  readonly opensNext?: boolean;
  /** The selected cell. */
  readonly current: CellId | null;
}

type KeyHint = readonly [Action | readonly string[], string];

export function availableKeys(context: KeyContext): KeyHint[] {
  if (context.paused) return [["pause", "continue"]];
  // While the dialog is open, other keys do nothing.
  if (context.reasonOpen) return [[["1", "3", "4", "5", "6"], "reason"], [["Esc"], "cancel"]];
  // First, because a low panel shows the first rows only.
  const hints: KeyHint[] = context.complete ? [["submit", context.opensNext === false ? "submit" : "submit and next"]] : [];
  if (context.current !== null) {
    hints.push([["0", "1", "2", "3", "4"].slice(0, highestScore(context.current) + 1), "score"], ["unreadable", "not readable"]);
  }
  hints.push([["arrowleft", "arrowright", "arrowup", "arrowdown"], "move"]);
  if (context.measured === true) hints.push(["measure", "draw"], ["wall", "wall"], ["accept", "accept"]);
  if (context.guided) hints.push(["guides", "guides"]);
  hints.push(["invert", "invert"], ["reset", "fit and reset"], ["lowerSpine", "lower spine"], ["window", "window"]);
  // There are no comments in practice, and no questions.
  if (context.comments) hints.push(["comment", "comment"], ["ask", "ask"]);
  if (context.revision === true) hints.push(["previous", "earlier readings"]);
  hints.push(["instructions", "guide"], ["help", "help"]);
  return hints;
}

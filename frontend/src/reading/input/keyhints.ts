/** Which keys the panel names, by what the reader can do at the moment. Pure. */

import type { Action } from "../../keys";

export interface Moment {
  readonly paused: boolean;
  readonly choosingReason: boolean;
  readonly guided: boolean;
  readonly complete: boolean;
  readonly cellChosen: boolean;
}

type Line = readonly [Action | readonly string[], string];

export function keysNow(moment: Moment): Line[] {
  if (moment.paused) return [["pause", "go on"]];
  if (moment.choosingReason) return [[["1", "3", "4", "5", "6"], "reason"], [["Esc"], "back"]];
  const lines: Line[] = [];
  if (moment.cellChosen) {
    lines.push([["0", "1", "2", "3"], "score"], ["unreadable", "not readable"]);
  }
  lines.push([["arrowleft", "arrowright", "arrowup", "arrowdown"], "move"]);
  if (moment.guided) lines.push(["guides", "guides"]);
  lines.push(["invert", "invert"], ["reset", "fit, reset"], ["window", "window"], ["comment", "comment"]);
  if (moment.complete) lines.push(["submit", "submit and next"]);
  lines.push(["help", "help"]);
  return lines;
}

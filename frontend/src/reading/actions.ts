/** Actions on the reading on the screen: scores, reasons, navigation, comment and image tools. */

import type { Action } from "../keys";
import type { Score } from "./contract";
import type { CommentDialog, ReasonDialog } from "./dialogs";
import type { ImagePane } from "./imagepane";
import type { OpenReading } from "./openreading";
import { advance, cellName, cellText, highestScore, moveSelection } from "./padstate";
import type { Mark } from "./padstate";
import type { Panel } from "./panel";

export interface ActionTargets {
  readonly panel: Pick<Panel, "showNotice" | "announce">;
  readonly imagePane: Pick<ImagePane, "handleAction">;
  readonly reasonDialog: Pick<ReasonDialog, "open">;
  readonly commentDialog: Pick<CommentDialog, "show">;
  submit(reading: OpenReading): void;
}

/** Run an action of a key or button; actions that do not concern the scores go to the image. */
export function runReadingAction(action: Action, reading: OpenReading, targets: ActionTargets): void {
  switch (action) {
    case "score0": case "score1": case "score2": case "score3": case "score4":
      scoreCurrent(reading, Number(action.slice(-1)) as Score, targets);
      break;
    case "unreadable":
      askReason(reading, targets);
      break;
    case "clear":
      if (reading.pad.current !== null) reading.save(reading.pad.current, { score: null });
      break;
    case "left": case "right": case "up": case "down":
      reading.updatePad((pad) => moveSelection(pad, action));
      break;
    case "submit":
      targets.submit(reading);
      break;
    case "comment":
      targets.commentDialog.show();
      break;
    default:
      targets.imagePane.handleAction(action);
  }
}

function scoreCurrent(reading: OpenReading, score: Score, targets: ActionTargets): void {
  const { current, aac8 } = reading.pad;
  if (current !== null && score > highestScore(current)) {
    if (aac8) targets.panel.showNotice(`${cellName(current)} is scored 0 to 3. A score of 4 is for AAC-8.`);
    return;
  }
  setMarkAndAdvance(reading, { score }, targets);
}

function setMarkAndAdvance(reading: OpenReading, mark: Mark, { panel }: ActionTargets): void {
  const id = reading.pad.current;
  if (id === null) {
    panel.showNotice("Everything is scored. Press an arrow key to return to the score pad.");
    return;
  }
  reading.save(id, mark);
  // After saving, because the next cell depends on which cells are still empty.
  reading.updatePad(advance);
  const nextCell = reading.pad.current;
  const next = nextCell === null ? "Everything is scored." : `Next: ${cellName(nextCell)}.`;
  // For screen readers: the visible pad already shows both.
  panel.announce(`${cellName(id)}: ${cellText(reading.pad.cells[id])}. ${next}`);
}

function askReason(reading: OpenReading, targets: ActionTargets): void {
  const id = reading.pad.current;
  if (id === null) return;
  targets.reasonDialog.open(id, reading.reading.validity_codes, (validity, reason) => {
    setMarkAndAdvance(reading, { validity, reason }, targets);
  });
}

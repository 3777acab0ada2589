/** The reading on the screen: its marks and comment, and the outbox entries that they produce. */

import type { ApiError } from "../api";
import { newId } from "./ids";
import { mergeTexts } from "../text";
import { storedCell, storedComment, storedMeasurement } from "./saving/readingapi";
import { mirrorDrawing } from "./measuring/drawing";
import type { Drawing } from "./measuring/drawing";
import type { CellId, Reading } from "./contract";
import type { Entry, NewEntry, Outbox } from "./saving/outbox";
import { cellOrder, firstEmpty, cellName, setMark, selectCell, startPad, setCell, cellText, setCellVersion } from "./padstate";
import type { Mark, PadState } from "./padstate";

export const TRACES_REPLACED =
  "The traces were changed in another window. The new traces are shown. Your traces are kept on this device. To save them instead, choose Review.";
export const COMMENT_MERGED = "The comment was changed in another window. Both texts are kept, one below the other.";

export class OpenReading {
  pad: PadState;
  comment: string;
  /** Traces and level lines; null in arms in which plaques are not measured. */
  drawing: Drawing | null;
  private commentVersion: number;
  private drawingVersion: number;
  private drawingSent = false;

  /** Unsent changes from an earlier page, or from this one while offline, are applied to the pad again. */
  constructor(
    readonly reading: Reading,
    unsent: Outbox,
    private readonly post: (entry: NewEntry) => void,
    private readonly onChange: () => void,
    /** The width of an image that is displayed mirrored, else null: traces are stored in the file's coordinates. */
    private readonly mirroredWidth: number | null = null,
  ) {
    this.pad = startPad(reading);
    this.comment = reading.comment;
    this.commentVersion = reading.comment_version;
    const stored = reading.measurement ?? null;
    this.drawing = stored === null ? null : this.mirror(drawingOf(stored));
    this.drawingVersion = stored?.version ?? 0;
    for (const entry of unsent.filter((e) => e.reading === reading.id)) {
      // A stale score is not applied: the pad shows the stored score, and the list of unsent entries shows this one.
      if (entry.kind === "cell" && entry.refusal?.code !== "stale") this.pad = setMark(this.pad, entry.cell, entry.mark);
      if (entry.kind === "comment") this.comment = entry.text;
      if (entry.kind === "traces" && entry.refusal?.code !== "stale") this.restoreDrawing(this.mirror(entry.drawing));
    }
    // Selected again, because unsent marks may have filled the first empty cell.
    const second = (reading.sequence?.step ?? 1) > 1;
    // A second reading starts with scores, which the reader goes through again from the first cell.
    this.pad = selectCell(this.pad, firstEmpty(this.pad) ?? (second ? (cellOrder(this.pad)[0] ?? null) : null));
    // Through the outbox, so that it is repeated without a connection and precedes the scores.
    post({ kind: "open", id: newId(), reading: reading.id });
  }

  get id(): string {
    return this.reading.id;
  }

  updatePad(change: (pad: PadState) => PadState): void {
    this.pad = change(this.pad);
    this.onChange();
  }

  /** Set a mark on the pad and post it to the outbox. */
  save(cell: CellId, mark: Mark): void {
    // The version on the screen: the server refuses the score if another window saved a later one.
    const { version } = this.pad.cells[cell];
    this.updatePad((pad) => setMark(pad, cell, mark));
    this.post({ kind: "cell", id: newId(), reading: this.id, cell, mark, version });
  }

  /** Whether the drawing has been stored or is being sent, also one without traces. */
  get hasStoredDrawing(): boolean {
    return this.drawingVersion > 0 || this.drawingSent;
  }

  saveDrawing(drawing: Drawing): void {
    this.restoreDrawing(drawing);
    this.post({ kind: "traces", id: newId(), reading: this.id, drawing: this.mirror(drawing), version: this.drawingVersion });
  }

  /** Convert a drawing between the coordinates of the file and those of the screen; they differ by a mirror. */
  private mirror(drawing: Drawing): Drawing {
    return this.mirroredWidth === null ? drawing : mirrorDrawing(drawing, this.mirroredWidth);
  }

  /** Show marks on the pad again that were rejected and are now being sent again. */
  restoreMarks(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.reading !== this.id) continue;
      if (entry.kind === "cell") this.updatePad((pad) => setMark(pad, entry.cell, entry.mark));
      if (entry.kind === "traces") {
        this.restoreDrawing(this.mirror(entry.drawing));
        this.onChange();
      }
    }
  }

  saveComment(text: string): void {
    this.comment = text;
    this.post({ kind: "comment", id: newId(), reading: this.id, text, version: this.commentVersion });
    this.onChange();
  }

  submit(): void {
    this.post({ kind: "submit", id: newId(), reading: this.id });
  }

  /** Adopt the version that the server stored, on which the next change is based. */
  confirmEntry(entry: Entry, response: unknown): void {
    const stored = storedCell(response);
    if (entry.kind === "cell" && stored !== null) {
      // The mark stays: the reader may have changed it again since this entry was sent.
      this.pad = setCellVersion(this.pad, entry.cell, stored.version);
    }
    if (entry.kind === "traces") this.drawingVersion = storedMeasurement(response)?.version ?? this.drawingVersion;
    if (entry.kind === "comment") {
      this.commentVersion = storedComment(response).comment_version ?? this.commentVersion;
    }
  }

  /**
   * Resolve a conflict with a change that another window saved first.
   *
   * Returns the message for the reader, or null when the rejection is not such a conflict.
   */
  resolveConflict(entry: Entry, error: ApiError): string | null {
    const stored = storedCell(error.body);
    if (entry.kind === "cell" && stored !== null) {
      this.updatePad((pad) => selectCell(setCell(pad, entry.cell, stored), entry.cell));
      const storedText = cellText(stored);
      return `${cellName(entry.cell)} was changed in another window to ${storedText}, which is shown now. Your score is kept on this device. To save it instead, choose Review.`;
    }
    const measurement = storedMeasurement(error.body);
    if (entry.kind === "traces" && measurement !== null) {
      this.drawing = this.mirror(drawingOf(measurement));
      this.drawingVersion = measurement.version;
      this.onChange();
      return TRACES_REPLACED;
    }
    if (entry.kind !== "comment" || error.code !== "stale") return null;
    const other = storedComment(error.body);
    // The next save is based on the other window's version and contains its text.
    this.commentVersion = other.comment_version ?? this.commentVersion;
    this.comment = mergeTexts(other.comment ?? "", this.comment);
    this.onChange();
    return COMMENT_MERGED;
  }

  private restoreDrawing(drawing: Drawing): void {
    this.drawing = drawing;
    this.drawingSent = true;
  }
}

function drawingOf({ traces, boundaries }: Drawing): Drawing {
  return { traces, boundaries };
}

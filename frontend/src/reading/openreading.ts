/** The reading on the screen: its marks and comment, and the outbox entries that they produce. */

import type { ApiError } from "../api";
import { newId } from "../ids";
import { mergeTexts } from "../text";
import { storedCell, storedComment } from "./saving/readingapi";
import type { CellId, Reading } from "./contract";
import type { Entry, NewEntry, Outbox } from "./saving/outbox";
import { firstEmpty, cellName, setMark, selectCell, startPad, setCell, cellText, setCellVersion } from "./padstate";
import type { Mark, PadState } from "./padstate";

export const COMMENT_MERGED = "The comment was changed in another window. Both texts are kept, one below the other.";

export class OpenReading {
  pad: PadState;
  comment: string;
  private commentVersion: number;

  /** Unsent changes from an earlier page, or from this one while offline, are applied to the pad again. */
  constructor(
    readonly reading: Reading,
    unsent: Outbox,
    private readonly post: (entry: NewEntry) => void,
    private readonly onChange: () => void,
  ) {
    this.pad = startPad(reading);
    this.comment = reading.comment;
    this.commentVersion = reading.comment_version;
    for (const entry of unsent.filter((e) => e.reading === reading.id)) {
      // A stale score is not applied: the pad shows the stored score, and the list of unsent entries shows this one.
      if (entry.kind === "cell" && entry.refusal?.code !== "stale") this.pad = setMark(this.pad, entry.cell, entry.mark);
      if (entry.kind === "comment") this.comment = entry.text;
    }
    this.pad = selectCell(this.pad, firstEmpty(this.pad));
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
    const { version } = this.pad.cells[cell];
    this.updatePad((pad) => setMark(pad, cell, mark));
    this.post({ kind: "cell", id: newId(), reading: this.id, cell, mark, version });
  }

  /** Show marks on the pad again that were rejected and are now being sent again. */
  restoreMarks(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind === "cell" && entry.reading === this.id) this.updatePad((pad) => setMark(pad, entry.cell, entry.mark));
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
      this.pad = setCellVersion(this.pad, entry.cell, stored.version);
    }
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
    if (entry.kind !== "comment" || error.code !== "stale") return null;
    const other = storedComment(error.body);
    this.commentVersion = other.comment_version ?? this.commentVersion;
    this.comment = mergeTexts(other.comment ?? "", this.comment);
    this.onChange();
    return COMMENT_MERGED;
  }
}

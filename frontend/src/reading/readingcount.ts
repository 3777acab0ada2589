/** The number of the reading on the screen, also while its predecessors are being submitted. */

import type { Progress, Reading } from "./contract";
import type { Panel } from "./panel";

interface Submission {
  readonly reading: string;
}

export class ReadingCount {
  private progress: Progress | null = null;
  /** Submissions that the server has stored since it was last asked for the progress. */
  private stored: Submission[] = [];

  /** `countSubmitted` counts these submissions and those that are waiting, but not revisions. */
  constructor(private readonly countSubmitted: (stored: readonly Submission[]) => number) {}

  setProgress(progress: Progress): void {
    this.progress = progress;
    this.stored = [];
  }

  addStored(submission: Submission): void {
    this.stored.push(submission);
  }

  show(panel: Panel, reading: Reading | undefined): void {
    if (reading === undefined) return;
    const { read, total } = this.progress ?? { read: 0, total: reading.total };
    const number = read + this.countSubmitted(this.stored) + 1;
    panel.showCount(reading.in_revision ? "Revision" : `${String(number)} of ${String(total)}`);
  }
}

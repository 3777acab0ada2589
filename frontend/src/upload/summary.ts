/** The summary above the upload table: progress bars and totals. */

import type { UploadCounts } from "../cases/contract";
import { button, el } from "../dom";

export const NO_COUNTS: UploadCounts = {
  accepted: 0,
  pending_review: 0,
  replaced: 0,
  duplicate: 0,
  rejected: 0,
  to_analyse: 0,
  analysing: 0,
};

/** Numbers of files of this page's transfers. */
export interface TransferCounts {
  readonly unfinished: number;
  readonly done: number;
  readonly failed: number;
  readonly all: number;
}

/** Return the number of files that the server lists. */
export function countUploads(counts: UploadCounts): number {
  return counts.accepted + counts.pending_review + counts.replaced + counts.duplicate + counts.rejected;
}

/** Return the parts of the summary; `reviewUrl` is the address of the de-identification review. */
export function summaryParts(
  counts: UploadCounts,
  transfers: TransferCounts,
  reviewUrl: string,
  onDismissAll: () => void,
): HTMLElement[] {
  const parts: HTMLElement[] = [];
  if (transfers.unfinished > 0) {
    parts.push(progressBar(`Sending ${String(transfers.done)} of ${String(transfers.all)}`, transfers.done, transfers.all));
  }
  if (counts.analysing > 0) {
    const analysed = counts.to_analyse - counts.analysing;
    parts.push(progressBar(`Analysing ${String(analysed)} of ${String(counts.to_analyse)}`, analysed, counts.to_analyse));
  }
  if (countUploads(counts) > 0 || transfers.failed > 0) {
    const reviewLink = el("a", { role: "button", href: reviewUrl }, "Review pending images");
    const actions = el(
      "span",
      { class: "actions" },
      counts.pending_review > 0 ? reviewLink : null,
      button("Dismiss all", onDismissAll),
    );
    parts.push(el("div", { class: "upload-totals" }, el("strong", {}, totalsText(counts, transfers.failed)), actions));
  }
  return parts;
}

/** Return the totals, such as "3 added, 1 pending review, 0 already in the study, 0 not added". */
export function totalsText(counts: UploadCounts, failed: number): string {
  const parts: readonly (readonly [number, string, boolean])[] = [
    [counts.accepted, "added", true],
    [counts.pending_review, "pending review", true],
    [counts.replaced, "replaced", false],
    [counts.duplicate, "already in the study", true],
    [counts.rejected, "not added", true],
    [failed, "not sent", false],
  ];
  const shown = parts.filter(([count, , alwaysShown]) => alwaysShown || count > 0);
  return shown.map(([count, label]) => `${String(count)} ${label}`).join(", ");
}

function progressBar(label: string, value: number, max: number): HTMLElement {
  return el("div", { class: "transfer-progress" }, el("progress", { value, max, "aria-label": label }), el("span", {}, label));
}

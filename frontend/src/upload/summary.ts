/** The summary above the upload table: progress bars and totals. */

import { html, nothing } from "lit-html";
import type { TemplateResult } from "lit-html";
import type { UploadCounts } from "../cases/contract";
import type { Transfers } from "./transfers";

export const NO_COUNTS: UploadCounts = {
  accepted: 0,
  pending_review: 0,
  replaced: 0,
  duplicate: 0,
  rejected: 0,
  to_analyse: 0,
  analysing: 0,
};

/** Return the number of files that the server lists. */
export function countUploads(counts: UploadCounts): number {
  return counts.accepted + counts.pending_review + counts.replaced + counts.duplicate + counts.rejected;
}

/** Return the summary; `reviewUrl` is the address of the de-identification review. */
export function summary(
  counts: UploadCounts,
  transfers: Pick<Transfers<unknown>, "all" | "moving" | "withState">,
  reviewUrl: string,
  onDismissAll: () => void,
): TemplateResult {
  const failed = transfers.withState("failed").length;
  const review = html`<a role="button" href=${reviewUrl}>Review pending images</a>`;
  const totals = html`<div class="upload-totals">
    <strong>${totalsText(counts, failed)}</strong>
    <span class="actions">
      ${counts.pending_review > 0 ? review : nothing}
      <button type="button" @click=${onDismissAll}>Dismiss all</button>
    </span>
  </div>`;
  return html`
    ${transfers.moving.length > 0 ? progressBar("Sending", transfers.withState("done").length, transfers.all.length) : nothing}
    ${counts.analysing > 0 ? progressBar("Analysing", counts.to_analyse - counts.analysing, counts.to_analyse) : nothing}
    ${countUploads(counts) > 0 || failed > 0 ? totals : nothing}
  `;
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

function progressBar(action: string, value: number, max: number): TemplateResult {
  const label = `${action} ${String(value)} of ${String(max)}`;
  return html`<div class="transfer-progress"><progress value=${value} max=${max} aria-label=${label}></progress><span>${label}</span></div>`;
}

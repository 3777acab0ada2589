/** The list of a case's landmark versions with author and time, to compare and to restore. */

import { html, nothing } from "lit-html";
import type { TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { sendJson } from "../api";
import { confirmInDialog } from "../dialog";
import { formatTime } from "../dom";
import type { CaseDetail, Version } from "./contract";

export interface HistoryEvents {
  compare(version: Version): void;
  restore(version: Version): void;
}

/** Create the list; `compared` is the version drawn over the current one. */
export function historyList(caseDetail: CaseDetail, compared: number | null, canRestore: boolean, events: HistoryEvents): TemplateResult {
  const current = caseDetail.landmark_set?.version;
  const actions = (version: Version): TemplateResult => html`<div class="actions">
    <button type="button" aria-pressed=${String(version.version === compared)} @click=${() => { events.compare(version); }}>Compare</button>
    ${canRestore ? html`<button type="button" @click=${() => { events.restore(version); }}>Restore</button>` : nothing}
  </div>`;
  const item = (version: Version): TemplateResult => html`<li>
    <div><strong>Version ${version.version}</strong>: ${describeVersion(version)}</div>
    <div class="small muted">${version.by}, ${formatTime(version.at)}</div>
    ${version.reason === "" ? nothing : html`<div class="small">“${version.reason}”</div>`}
    ${version.version === current ? html`<div class="small">Current version</div>` : actions(version)}
  </li>`;
  const newestFirst = [...caseDetail.history].reverse();
  return html`<section>
    <h2>Landmark versions</h2>
    <ul class="history">${repeat(newestFirst, ({ version }) => version, item)}</ul>
  </section>`;
}

function describeVersion(version: Version): string {
  if (version.source === "shifted") return "levels relabelled";
  if (version.source === "taken") return `version ${String(version.parent)} restored`;
  const { moves } = version;
  if (moves === null) return version.text;
  const largest = `${moves.most.toFixed(1)} ${moves.unit}`;
  const distanceText = moves.moved === 1 ? largest : `${moves.mean.toFixed(1)} on average, ${largest} at most`;
  const parts = [
    moves.moved === 0 ? "" : `${countCorners(moves.moved)} moved by ${distanceText}`,
    moves.added === 0 ? "" : `${countCorners(moves.added)} added`,
    moves.removed === 0 ? "" : `${countCorners(moves.removed)} removed`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function countCorners(corners: number): string {
  return corners === 1 ? "1 corner" : `${String(corners)} corners`;
}

/** Ask whether to restore a version, and do so; returns null when the person cancels. */
export async function confirmRestore(path: string, caseDetail: CaseDetail, { version }: Version): Promise<CaseDetail | null> {
  const title = `Restore version ${String(version)}`;
  const text = "Its corners are saved as a new version. All versions are kept.";
  if (!(await confirmInDialog({ title, text, confirmLabel: "Restore version" }))) return null;
  return restoreVersion(path, caseDetail, version);
}

/** Save the corners of an earlier version as the new current version; `path` is the address of the case. */
export function restoreVersion(path: string, caseDetail: CaseDetail, version: number): Promise<CaseDetail> {
  const body = { based_on: caseDetail.landmark_set?.version };
  return sendJson<CaseDetail>("POST", `${path}/landmarks/${String(version)}/restore`, body);
}

/** The list of a case's landmark versions with author and time, to compare and to restore. */

import { sendJson } from "../api";
import { confirmInDialog } from "../dialog";
import { button, el, formatTime } from "../dom";
import type { CaseDetail, Version } from "./contract";

export interface HistoryEvents {
  compare(version: Version): void;
  restore(version: Version): void;
}

/** Create the list; `compared` is the version drawn over the current one. */
export function historyList(caseDetail: CaseDetail, compared: number | null, canRestore: boolean, events: HistoryEvents): HTMLElement {
  const current = caseDetail.landmark_set?.version;
  const items = [...caseDetail.history].reverse().map((version) => {
    const isCurrent = version.version === current;
    const compare = button("Compare", () => { events.compare(version); }, {
      "aria-pressed": String(version.version === compared),
      "data-version": version.version,
    });
    const restore = button("Restore", () => { events.restore(version); });
    return el(
      "li",
      {},
      el("div", {}, el("strong", {}, `Version ${String(version.version)}`), `: ${describeVersion(version)}`),
      el("div", { class: "small muted" }, `${version.by}, ${formatTime(version.at)}`),
      version.reason === "" ? null : el("div", { class: "small" }, `\u201c${version.reason}\u201d`),
      isCurrent
        ? el("div", { class: "small" }, "Current version")
        : el("div", { class: "actions" }, compare, canRestore ? restore : null),
    );
  });
  return el("section", {}, el("h2", {}, "Landmark versions"), el("ul", { class: "history" }, ...items));
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
  return sendJson<CaseDetail>("POST", `${path}/landmarks/${String(version)}/take`, body);
}

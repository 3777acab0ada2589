/** The versions of a case's landmarks: who made each and when, to compare and to take again. */

import { button, el, written } from "../dom";
import type { CaseDetail, Version } from "./contract";

export interface HistoryEvents {
  compare(version: Version): void;
  takeAgain(version: Version): void;
}

/** `compared` is the version that is drawn beside the current one. */
export function historyList(found: CaseDetail, compared: number | null, takes: boolean, events: HistoryEvents): HTMLElement {
  const current = found.landmark_set?.version;
  const items = [...found.history].reverse().map((version) => {
    const isCurrent = version.version === current;
    const compare = button("Compare", () => { events.compare(version); }, {
      "aria-pressed": String(version.version === compared),
      "data-version": version.version,
    });
    const again = button("Take again", () => { events.takeAgain(version); });
    return el(
      "li",
      {},
      el("div", {}, el("strong", {}, `Version ${String(version.version)}`), `: ${textOf(version)}`),
      el("div", { class: "small muted" }, `${version.by}, ${written(version.at)}`),
      version.reason === "" ? null : el("div", { class: "small" }, `\u201c${version.reason}\u201d`),
      isCurrent
        ? el("div", { class: "small" }, "the current one")
        : el("div", { class: "actions" }, compare, takes ? again : null),
    );
  });
  return el("section", {}, el("h2", {}, "Landmark sets"), el("ul", { class: "history" }, ...items));
}

function textOf(version: Version): string {
  if (version.source === "shifted") return "levels relabelled";
  if (version.source === "taken") return `version ${String(version.parent)} taken again`;
  const { moves } = version;
  if (moves === null) return version.text;
  const most = `${moves.most.toFixed(1)} ${moves.unit}`;
  const way = moves.moved === 1 ? most : `${moves.mean.toFixed(1)} on average, ${most} at most`;
  const parts = [
    moves.moved === 0 ? "" : `${counted(moves.moved)} moved by ${way}`,
    moves.added === 0 ? "" : `${counted(moves.added)} put in`,
    moves.removed === 0 ? "" : `${counted(moves.removed)} taken out`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function counted(corners: number): string {
  return corners === 1 ? "1 corner" : `${String(corners)} corners`;
}

/** The state of a case as a badge. */

import type { TemplateResult } from "lit-html";
import { badge } from "../badge";
import type { Case, CaseState } from "./contract";

const BADGE_KINDS: Readonly<Record<CaseState, string>> = {
  received: "busy",
  analysing: "busy",
  ready: "good",
  pending_review: "caution",
  failed: "warning",
  excluded: "warning",
  rejected: "warning",
};

export function stateBadge(caseItem: Case): TemplateResult {
  if (caseItem.state === "ready" && caseItem.level_uncertainty?.accepted === false) return badge("caution", "level labelling uncertain");
  if (caseItem.state === "ready" && caseItem.corners_confirmed === false && !caseItem.practice) return badge("caution", "corners not confirmed");
  return badge(BADGE_KINDS[caseItem.state], caseItem.state_label);
}

export function isBeingAnalysed(caseItem: Case | null): boolean {
  return caseItem?.state === "received" || caseItem?.state === "analysing";
}

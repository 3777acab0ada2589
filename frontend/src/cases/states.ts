/** A case's state as a badge: always a word, and a shape that goes with it. */

import { badge } from "../dom";
import type { Case, CaseState } from "./contract";

const KINDS: Readonly<Record<CaseState, string>> = {
  received: "busy",
  analysing: "busy",
  ready: "good",
  held: "doubt",
  failed: "warning",
  excluded: "warning",
  refused: "warning",
};

const WORDS: Readonly<Record<CaseState, string>> = {
  received: "waiting for analysis",
  analysing: "being analysed",
  ready: "ready",
  held: "pending de-identification review",
  failed: "analysis failed",
  excluded: "excluded",
  refused: "rejected",
};

export function stateBadge(found: Case): HTMLSpanElement {
  if (found.state === "ready" && found.doubt?.accepted === false) return badge("doubt", "levels in doubt");
  return badge(KINDS[found.state], found.state_label ?? WORDS[found.state]);
}

export function beingAnalysed(found: Case | null): boolean {
  return found?.state === "received" || found?.state === "analysing";
}

/** The decisions that a coordinator can take on a case: one button each, with a confirmation where needed. */

import { html, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { sendJson } from "../api";
import { confirmInDialog, promptForText } from "../dialog";
import type { Case, CaseAction, CaseDetail } from "./contract";

interface Decision {
  readonly label: string;
  readonly kind?: string;
  /** Whether the decision concerns what is on the image, which must be shown first. */
  readonly needsImage?: true;
  /** Ask for confirmation or a reason; null when the person cancels. */
  readonly ask?: (caseItem: Case) => Promise<object | null>;
  readonly path: string;
}

function askReason(title: string, text: string): (caseItem: Case) => Promise<object | null> {
  return async (caseItem) => {
    const label = "Reason (recorded in the audit trail)";
    const reason = await promptForText({ title: `${title} ${caseItem.label}`, text, label, confirmLabel: title, danger: true });
    return reason === null ? null : { reason };
  };
}

const DECISIONS: Readonly<Record<CaseAction, readonly Decision[]>> = {
  // Only offered on the page that shows the image at full size.
  release: [],
  undo_release: [],
  accept: [{ label: "Accept level labels", kind: "primary", needsImage: true, path: "accept" }],
  confirm_corners: [
    {
      label: "Confirm corners",
      needsImage: true,
      path: "confirm-corners",
      ask: async (caseItem) => {
        const text = "Check every corner first. The corners are recorded as correct, and the arm with corrected landmarks shows guides drawn from them.";
        return (await confirmInDialog({ title: `Confirm corners of ${caseItem.label}`, text, confirmLabel: "Confirm corners" })) ? {} : null;
      },
    },
  ],
  move_corners: [],
  shift_levels: [],
  flip_side: [
    {
      label: "Flip anterior side",
      needsImage: true,
      path: "flip-side",
      ask: async (caseItem) => {
        const text = "Anterior and posterior swap sides. The image itself is not changed.";
        return (await confirmInDialog({ title: `Flip anterior side of ${caseItem.label}`, text, confirmLabel: "Flip anterior side" })) ? {} : null;
      },
    },
  ],
  analyse: [{ label: "Repeat analysis", path: "analyse" }],
  reject: [
    {
      label: "Reject case",
      kind: "danger",
      path: "reject",
      ask: askReason("Reject", "The image is deleted permanently. Only the reason is kept."),
    },
  ],
  exclude: [
    {
      label: "Exclude case",
      kind: "danger",
      path: "exclude",
      ask: askReason("Exclude", "The case is removed from the study. Its existing readings are kept but excluded from the results."),
    },
  ],
};

const ORDER: readonly CaseAction[] = [
  "accept",
  "confirm_corners",
  "flip_side",
  "analyse",
  "exclude",
  "reject",
];

/**
 * Carry out a decision and return the updated case, or null when the person cancels.
 *
 * `basedOn` is the landmark version that the person saw; the server rejects the decision if it is outdated.
 */
export async function applyDecision(api: string, caseItem: Case, decision: Decision, basedOn?: number): Promise<CaseDetail | null> {
  // null means that the person cancelled; an empty object is an answer.
  const body = decision.ask === undefined ? {} : await decision.ask(caseItem);
  if (body === null) return null;
  const payload = basedOn === undefined ? body : { ...body, based_on: basedOn };
  return sendJson<CaseDetail>("POST", `${api}cases/${caseItem.id}/${decision.path}`, payload);
}

export function decisionsFor(caseItem: Case): Decision[] {
  return ORDER.filter((action) => caseItem.actions.includes(action)).flatMap((action) => DECISIONS[action]);
}

export interface ActionState {
  /** Whether the image is not shown yet: pixels that arrive later move the view under the pointer. */
  readonly loading: boolean;
  /** Whether an action is being carried out. */
  readonly busy: boolean;
}

/** Create the buttons. Each keeps its element, so that the focus never moves to another decision. */
export function decisionButtons(caseItem: Case, { loading, busy }: ActionState, onDecision: (decision: Decision) => void): unknown {
  return repeat(decisionsFor(caseItem), ({ path }) => path, (decision) =>
    html`<button type="button" class=${decision.kind ?? ""} ?disabled=${loading && decision.needsImage === true} aria-disabled=${busy ? "true" : nothing} @click=${() => { onDecision(decision); }}>${decision.label}</button>`);
}

export type { Decision };

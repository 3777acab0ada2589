/** What a coordinator can do with a case: a button each, with its question where one is due. */

import { send } from "../api";
import { agree, askText } from "../dialog";
import { button } from "../dom";
import type { Case, CaseAction, CaseDetail } from "./contract";

interface Decision {
  readonly label: string;
  readonly kind?: string;
  /** Asks what must be asked; null when the person changes their mind. */
  readonly ask?: (found: Case) => Promise<object | null>;
  readonly path: string;
}

function reasonFor(title: string, text: string): (found: Case) => Promise<object | null> {
  return async (found) => {
    const label = "Reason (kept in the study's record)";
    const reason = await askText({ title: `${title} ${found.label}`, text, label, yes: title, danger: true });
    return reason === null ? null : { reason };
  };
}

const DECISIONS: Readonly<Record<CaseAction, readonly Decision[]>> = {
  // Only on the page that shows the image at full size.
  release: [],
  undo_release: [],
  accept: [{ label: "The names are right", kind: "primary", path: "accept" }],
  move_corners: [],
  shift_levels: [],
  flip_side: [
    {
      label: "Flip the anterior side",
      path: "flip-side",
      ask: async (found) => {
        const text = "Anterior and posterior change sides. The image itself stays as it is.";
        return (await agree({ title: `Flip the anterior side of ${found.label}`, text, yes: "Flip" })) ? {} : null;
      },
    },
  ],
  analyse: [{ label: "Analyse again", path: "analyse" }],
  refuse: [
    {
      label: "Reject",
      kind: "danger",
      path: "refuse",
      ask: reasonFor("Reject", "The image is deleted. Only the reason stays."),
    },
  ],
  exclude: [
    {
      label: "Exclude",
      kind: "danger",
      path: "exclude",
      ask: reasonFor("Exclude", "The case leaves the study. What was read of it is kept and left out of the results."),
    },
  ],
};

const ORDER: readonly CaseAction[] = [
  "accept",
  "flip_side",
  "analyse",
  "exclude",
  "refuse",
];

/**
 * Carries a decision out and returns the case as it is then; null when it was not made after all.
 * `basedOn` is the version of the landmarks that the person looked at.
 */
export async function decide(api: string, found: Case, decision: Decision, basedOn?: number): Promise<CaseDetail | null> {
  const body = decision.ask === undefined ? {} : await decision.ask(found);
  if (body === null) return null;
  const sent = basedOn === undefined ? body : { ...body, based_on: basedOn };
  return send<CaseDetail>("POST", `${api}cases/${found.id}/${decision.path}`, sent);
}

export function decisionsFor(found: Case): Decision[] {
  return ORDER.filter((action) => found.actions.includes(action)).flatMap((action) => DECISIONS[action]);
}

export function decisionButtons(found: Case, onDecision: (decision: Decision) => void): HTMLButtonElement[] {
  return decisionsFor(found).map((decision) =>
    button(decision.label, () => { onDecision(decision); }, { class: decision.kind ?? "" }),
  );
}

export type { Decision };

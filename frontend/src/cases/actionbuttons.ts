/** The buttons below the heading of a case: corrections, the full-size review and decisions. */

import { html, nothing } from "lit-html";
import type { TemplateResult } from "lit-html";
import type { CaseDetail } from "./contract";
import { decisionButtons } from "./decisions";
import type { ActionState, Decision } from "./decisions";
import { DIRECTIONS } from "./relabelling";
import type { Direction } from "./relabelling";

export interface ActionEvents {
  correct(): void;
  relabel(direction: Direction): void;
  decide(decision: Decision): void;
}

export function actionButtons(caseDetail: CaseDetail, state: ActionState, reviewUrl: string, events: ActionEvents): TemplateResult {
  const { actions } = caseDetail;
  const directions = actions.includes("shift_levels") ? DIRECTIONS : [];
  const busy = state.busy ? "true" : nothing;
  return html`<div class="actions">
    ${actions.includes("move_corners") ? html`<button type="button" class="correct" ?disabled=${state.loading} aria-disabled=${busy} @click=${() => { events.correct(); }}>Correct corners</button>` : nothing}
    ${directions.map((direction) => html`<button type="button" ?disabled=${state.loading} aria-disabled=${busy} @click=${() => { events.relabel(direction); }}>${direction.label}</button>`)}
    ${actions.includes("release") ? html`<a role="button" class="primary" href=${reviewUrl}>Review at full size</a>` : nothing}
    ${decisionButtons(caseDetail, state, (decision) => { events.decide(decision); })}
  </div>`;
}

/** The reference standard of a practice case beside the reader's scores, shown after the submission. */

import { button, el } from "../../dom";
import type { Feedback as FeedbackData, FeedbackAAC8, FeedbackCell } from "../../schema";
import type { Action } from "../../keys";
import type { ImagePane } from "../imagepane";
import { LEVELS } from "../padstate";
import type { PadState } from "../padstate";

export class Feedback {
  private state: "scoring" | "waiting" | "shown" = "scoring";
  private goOn: () => void = () => undefined;

  get isShown(): boolean {
    return this.state === "shown";
  }

  /** Whether the case has been submitted, so that its scores no longer change. */
  get isOn(): boolean {
    return this.state !== "scoring";
  }

  /** Ignore further scores from the submission until the answer arrives. */
  wait(): void {
    this.state = "waiting";
  }

  /** Accept scores again, because the submission was rejected. */
  stop(): void {
    if (this.state === "waiting") this.state = "scoring";
  }

  /** Return true when the action must not reach the scores; actions on the image still work. */
  handleAction(action: Action, imagePane: ImagePane): boolean {
    if (!this.isOn) return false;
    if (this.state === "shown" && action === "submit") this.goOn();
    else imagePane.handleAction(action);
    return true;
  }

  /** Show the answer to a submission over the panel, and the plaques on the image, until the reader continues. */
  show(data: FeedbackData, pad: PadState, imagePane: ImagePane, panel: HTMLElement): Promise<void> {
    this.state = "shown";
    return new Promise((resolve) => {
      const plaques = data.plaques.map(({ points }) => points);
      imagePane.showReference(plaques);
      const root = this.createPanel(data, pad, (visible) => { imagePane.showReference(visible ? plaques : []); });
      this.goOn = () => {
        root.remove();
        this.state = "scoring";
        resolve();
      };
      panel.append(root);
      root.querySelector<HTMLElement>("button.primary")?.focus();
    });
  }

  private createPanel(data: FeedbackData, pad: PadState, showPlaques: (visible: boolean) => void): HTMLElement {
    const next = button(data.last ? "Show result" : "Next case", () => { this.goOn(); }, { class: "primary" });
    const hasPlaques = data.plaques.length > 0;
    return el(
      "section",
      { class: "feedback", "aria-label": "Reference grades" },
      el("h2", {}, "Reference grades"),
      el("p", { role: "status" }, agreementText(data.cells)),
      feedbackTable(data, pad),
      el("p", { class: "muted" }, `Reference grades from: ${data.source}.`),
      hasPlaques ? el("p", { class: "muted plaque-key" }, "The plaques of the reference standard are drawn on the image.") : null,
      el("div", { class: "actions" }, hasPlaques ? plaqueButton(showPlaques) : null, next),
    );
  }
}

/** Return how many cells agree. Pure. */
export function agreementText(cells: readonly FeedbackCell[]): string {
  const same = cells.filter(({ score, reference }) => score === reference).length;
  return same === cells.length
    ? `All ${String(cells.length)} cells agree with the reference grades.`
    : `${String(same)} of ${String(cells.length)} cells agree with the reference grades.`;
}

function plaqueButton(showPlaques: (visible: boolean) => void): HTMLButtonElement {
  let visible = true;
  const toggle = button("Hide plaques", () => {
    visible = !visible;
    toggle.textContent = visible ? "Hide plaques" : "Show plaques";
    showPlaques(visible);
  });
  return toggle;
}

function feedbackTable({ cells, aac8 }: FeedbackData, pad: PadState): HTMLElement {
  const find = (level: string, wall: string): FeedbackCell | undefined =>
    cells.find(({ cell }) => cell === `${level}_${wall}`);
  const columns = pad.columns.map((wall) => el("th", { scope: "col" }, wall === "posterior" ? "Posterior" : "Anterior"));
  return el(
    "table",
    { class: "feedback-table" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, el("span", { class: "visually-hidden" }, "Level")), ...columns)),
    el(
      "tbody",
      {},
      ...LEVELS.map((level) =>
        el("tr", {}, el("th", { scope: "row" }, level), ...pad.columns.map((wall) => feedbackCell(find(level, wall)))),
      ),
      aac8 === null
        ? null
        : el("tr", { class: "aac8" }, el("th", { scope: "row" }, "AAC-8"), ...pad.columns.map((wall) => feedbackCell(aac8.find((score) => score.wall === wall)))),
    ),
  );
}

function feedbackCell(cell: FeedbackCell | FeedbackAAC8 | undefined): HTMLElement {
  // Without a validity, the case was scored by a version that did not ask for AAC-8 in practice.
  if (cell === undefined || cell.validity === null) return el("td");
  const scored = cell.score === null ? "not readable" : String(cell.score);
  if (cell.reference === null) {
    return el("td", {}, el("span", { class: "own" }, scored), el("span", { class: "reference" }, "no reference"), measuredNote(cell));
  }
  // Marks and words as well as colour, so that the table can be read without colour vision.
  const agrees = cell.score === cell.reference;
  return el(
    "td",
    { class: agrees ? "agrees" : "differs" },
    el("span", { class: "own" }, agrees ? `${scored} \u2713` : scored),
    el("span", { class: "reference" }, agrees ? "agrees" : `reference ${String(cell.reference)}`),
    measuredNote(cell),
  );
}

function measuredNote({ measured }: FeedbackCell | FeedbackAAC8): HTMLElement | null {
  return measured === null ? null : el("span", { class: "reference" }, `measured ${String(measured)}`);
}

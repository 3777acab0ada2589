/** The score pad: rows L1 to L4 from cranial to caudal, columns as the walls appear on the image. */

import { html, nothing, render } from "lit-html";
import type { TemplateResult } from "lit-html";
import { el } from "../dom";
import type { Cell, CellId, Reading } from "./contract";
import { LEVELS, isFilled, cellName, cellText } from "./padstate";
import type { PadState } from "./padstate";

export class ScorePad {
  readonly root = el("div", { class: "pad", role: "group", "aria-label": "Score pad" });

  constructor(private readonly onSelect: (id: CellId) => void) {}

  /** Show the pad; the order of its columns depends on the anterior side of the image. */
  render(pad: PadState, codes: Reading["validity_codes"]): void {
    const cellButton = (id: CellId): TemplateResult => {
      const cell = pad.cells[id];
      const current = id === pad.current;
      return html`<button
        type="button"
        class="pad-cell ${current ? "current" : ""} ${isFilled(cell) ? "filled" : ""}"
        aria-current=${current ? "true" : nothing}
        aria-label="${cellName(id)}: ${cellText(cell)}"
        @click=${() => { this.onSelect(id); }}
      >${cellContent(cell, codes)}</button>`;
    };
    render(html`
      <span></span>
      ${pad.columns.map((wall) => html`<div class="pad-column" data-side=${wall === "posterior" ? "P" : "A"}>${wall === "posterior" ? "Posterior" : "Anterior"}</div>`)}
      ${LEVELS.map((level) => html`<div class="pad-level">${level}</div>${pad.columns.map((wall) => cellButton(`${level}_${wall}`))}`)}
    `, this.root);
  }
}

function cellContent(cell: Cell, codes: Reading["validity_codes"]): TemplateResult {
  if (cell.score !== null) return html`<span class="figure">${cell.score}</span>`;
  if (!isFilled(cell)) return html`<span class="figure none">\u00b7</span>`;
  const label = codes.find(({ code }) => code === cell.validity)?.label ?? "Not readable";
  const text = cell.reason === "" ? label : `${label}: ${cell.reason}`;
  return html`<span class="figure cross">\u2715</span><span class="reason" title=${text}>${text}</span>`;
}

/** The score pad: rows L1 to L4 from cranial to caudal, columns as the walls appear on the image. */

import { html, nothing, render } from "lit-html";
import type { TemplateResult } from "lit-html";
import { el } from "../dom";
import type { Cell, CellId, Reading } from "./contract";
import { LEVELS, isAac8, isFilled, cellName, cellText } from "./padstate";
import type { MeasuredCells, PadState } from "./padstate";
import { describeHeights, describeLengths } from "./measuring/describe";
import type { CellLengths } from "./measuring/geometry";

export class ScorePad {
  readonly root = el("div", { class: "pad", role: "group", "aria-label": "Score pad" });

  constructor(private readonly onSelect: (id: CellId) => void) {}

  /** Show the pad; the order of its columns depends on the anterior side of the image. */
  render(pad: PadState, codes: Reading["validity_codes"]): void {
    const cellButton = (id: CellId): TemplateResult => {
      const cell = pad.cells[id];
      const current = id === pad.current;
      const grade = pad.measured?.cells[id].grade ?? null;
      // A measured grade is a proposal until the reader accepts it or scores the cell.
      const proposed = grade !== null && !isFilled(cell);
      return html`<button
        type="button"
        class="pad-cell ${current ? "current" : ""} ${isFilled(cell) ? "filled" : ""} ${proposed ? "proposed" : ""}"
        aria-current=${current ? "true" : nothing}
        aria-label="${cellName(id)}: ${cellText(cell)}${grade === null ? "" : `, measured ${String(grade)}`}"
        @click=${() => { this.onSelect(id); }}
      >${pad.measured === undefined ? cellContent(cell, codes) : measuredContent(cell, codes, pad.measured.cells[id], measuredText(id, pad.measured))}</button>`;
    };
    render(html`
      <span></span>
      ${pad.columns.map((wall) => html`<div class="pad-column" data-side=${wall === "posterior" ? "P" : "A"}>${wall === "posterior" ? "Posterior" : "Anterior"}</div>`)}
      ${LEVELS.map((level) => html`<div class="pad-level">${level}</div>${pad.columns.map((wall) => cellButton(`${level}_${wall}`))}`)}
      ${pad.aac8 ? html`<div class="pad-divider"></div><div class="pad-level">AAC-8</div>${pad.columns.map((wall) => cellButton(`all_${wall}`))}` : nothing}
    `, this.root);
  }
}

/** The content of a cell in measured reading: the final or the proposed grade, and the measured length. */
function measuredContent(cell: Cell, codes: Reading["validity_codes"], lengths: CellLengths, lengthText: string): TemplateResult {
  if (!isFilled(cell) && lengths.grade !== null) {
    return html`<span class="figure proposal">${lengths.grade}</span><span class="lengths">${lengthText}</span>`;
  }
  const differs = cell.score !== null && lengths.grade !== null && cell.score !== lengths.grade;
  const text = differs ? `measured ${String(lengths.grade)}` : lengthText;
  const isNotReadable = cell.score === null && isFilled(cell);
  return html`${cellContent(cell, codes)}${isNotReadable ? nothing : html`<span class="lengths ${differs ? "differs" : ""}">${text}</span>`}`;
}

function measuredText(id: CellId, { cells, unit, missing }: MeasuredCells): string {
  return isAac8(id) ? describeHeights(cells[id], missing) : describeLengths(cells[id], unit, missing);
}

function cellContent(cell: Cell, codes: Reading["validity_codes"]): TemplateResult {
  if (cell.score !== null) return html`<span class="figure">${cell.score}</span>`;
  if (!isFilled(cell)) return html`<span class="figure none">\u00b7</span>`;
  const label = codes.find(({ code }) => code === cell.validity)?.label ?? "Not readable";
  const text = cell.reason === "" ? label : `${label}: ${cell.reason}`;
  return html`<span class="figure cross">\u2715</span><span class="reason" title=${text}>${text}</span>`;
}

/** The score pad: rows L1 to L4 from cranial to caudal, columns as the walls appear on the image. */

import { el } from "../dom";
import type { Cell, CellId, Reading } from "./contract";
import { LEVELS, isFilled, cellName, cellOrder, cellText } from "./padstate";
import type { MeasuredCells, PadState } from "./padstate";
import { describeLengths } from "./measuring/describe";
import type { CellLengths } from "./measuring/geometry";

export class ScorePad {
  readonly root = el("div", { class: "pad", role: "group", "aria-label": "Score pad" });
  private readonly cells = new Map<CellId, HTMLButtonElement>();
  private readonly columns: [HTMLElement, HTMLElement];

  constructor(private readonly onSelect: (id: CellId) => void) {
    this.columns = [el("div", { class: "pad-column" }), el("div", { class: "pad-column" })];
  }

  /** Build the pad for a reading; the order of its columns depends on the anterior side of the image. */
  build(pad: PadState): void {
    this.cells.clear();
    this.root.replaceChildren(el("span"), ...this.columns);
    pad.columns.forEach((wall, i) => {
      const column = this.columns[i];
      if (column !== undefined) column.textContent = wall === "posterior" ? "Posterior" : "Anterior";
    });
    for (const id of cellOrder(pad)) {
      const level = LEVELS.find((name) => id.startsWith(name)) ?? "";
      if (id.endsWith(pad.columns[0])) this.root.append(el("div", { class: "pad-level" }, level));
      const cell = el("button", { type: "button", class: "pad-cell", onclick: () => { this.onSelect(id); } });
      this.cells.set(id, cell);
      this.root.append(cell);
    }
  }

  render(pad: PadState, codes: Reading["validity_codes"]): void {
    for (const [id, element] of this.cells) {
      const cell = pad.cells[id];
      const current = id === pad.current;
      element.classList.toggle("current", current);
      element.classList.toggle("filled", isFilled(cell));
      element.toggleAttribute("aria-current", current);
      const grade = pad.measured?.cells[id].grade ?? null;
      const measured = grade === null ? "" : `, measured ${String(grade)}`;
      element.setAttribute("aria-label", `${cellName(id)}: ${cellText(cell)}${measured}`);
      element.classList.toggle("proposed", grade !== null && !isFilled(cell));
      element.replaceChildren(...(pad.measured === undefined ? cellContent(cell, codes) : measuredContent(cell, codes, pad.measured.cells[id], pad.measured)));
    }
  }
}

/** The content of a cell in measured reading: the final or the proposed grade, and the measured length. */
function measuredContent(cell: Cell, codes: Reading["validity_codes"], lengths: CellLengths, { unit, missing }: MeasuredCells): Node[] {
  const lengthText = describeLengths(lengths, unit, missing);
  if (!isFilled(cell) && lengths.grade !== null) {
    return [el("span", { class: "figure proposal" }, String(lengths.grade)), el("span", { class: "lengths" }, lengthText)];
  }
  const differs = cell.score !== null && lengths.grade !== null && cell.score !== lengths.grade;
  const text = differs ? `measured ${String(lengths.grade)}` : lengthText;
  const note = cell.score === null && isFilled(cell) ? [] : [el("span", { class: differs ? "lengths differs" : "lengths" }, text)];
  return [...cellContent(cell, codes), ...note];
}

function cellContent(cell: Cell, codes: Reading["validity_codes"]): Node[] {
  if (cell.score !== null) return [el("span", { class: "figure" }, String(cell.score))];
  if (!isFilled(cell)) return [el("span", { class: "figure none" }, "\u00b7")];
  const label = codes.find(({ code }) => code === cell.validity)?.label ?? "Not readable";
  const text = cell.reason === "" ? label : `${label}: ${cell.reason}`;
  return [el("span", { class: "figure cross" }, "\u2715"), el("span", { class: "reason", title: text }, text)];
}

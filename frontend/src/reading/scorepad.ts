/** The pad that mirrors the body: rows L1 to L4 from above, columns as the walls stand on the image. */

import { el } from "../dom";
import type { Cell, CellId, Reading } from "./contract";
import { LEVELS, isFilled, nameOf, order, valueOf } from "./session";
import type { Session } from "./session";

export class ScorePad {
  readonly root = el("div", { class: "pad", role: "group", "aria-label": "Score pad" });
  private readonly cells = new Map<CellId, HTMLButtonElement>();
  private readonly columns: [HTMLElement, HTMLElement];

  constructor(private readonly onSelect: (id: CellId) => void) {
    this.columns = [el("div", { class: "pad-column" }), el("div", { class: "pad-column" })];
  }

  /** Builds the pad for a reading; its columns depend on the image's anterior side. */
  build(session: Session): void {
    this.cells.clear();
    this.root.replaceChildren(el("span"), ...this.columns);
    session.columns.forEach((wall, i) => {
      const column = this.columns[i];
      if (column !== undefined) column.textContent = wall === "posterior" ? "Posterior" : "Anterior";
    });
    for (const id of order(session)) {
      const level = LEVELS.find((name) => id.startsWith(name)) ?? "";
      if (id.endsWith(session.columns[0])) this.root.append(el("div", { class: "pad-level" }, level));
      const cell = el("button", { type: "button", class: "pad-cell", onclick: () => { this.onSelect(id); } });
      this.cells.set(id, cell);
      this.root.append(cell);
    }
  }

  render(session: Session, codes: Reading["validity_codes"]): void {
    for (const [id, element] of this.cells) {
      const cell = session.cells[id];
      const current = id === session.current;
      element.classList.toggle("current", current);
      element.classList.toggle("filled", isFilled(cell));
      element.toggleAttribute("aria-current", current);
      element.setAttribute("aria-label", `${nameOf(id)}: ${valueOf(cell)}`);
      element.replaceChildren(...shown(cell, codes));
    }
  }
}

function shown(cell: Cell, codes: Reading["validity_codes"]): Node[] {
  if (cell.score !== null) return [el("span", { class: "figure" }, String(cell.score))];
  if (!isFilled(cell)) return [el("span", { class: "figure none" }, "\u00b7")];
  const label = codes.find(({ code }) => code === cell.validity)?.label ?? "Not readable";
  const words = cell.reason === "" ? label : `${label}: ${cell.reason}`;
  return [el("span", { class: "figure cross" }, "\u2715"), el("span", { class: "why", title: words }, words)];
}

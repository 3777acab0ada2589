/** Score pads of two readers side by side, with the cells that differ marked. */

import { html, nothing } from "lit-html";
import type { TemplateResult } from "lit-html";
import type { ReviewedCell, ReviewedReading } from "./contract";

export const LEVELS = ["L1", "L2", "L3", "L4"] as const;
export type Wall = "posterior" | "anterior";

/** Return the walls from left to right, as they appear on the image. */
export function wallColumns(anterior: string): readonly [Wall, Wall] {
  return anterior === "left" ? ["anterior", "posterior"] : ["posterior", "anterior"];
}

/** Return the content of a cell: its grade, a cross where it is not readable, or a dash without a value. */
export function cellMark(cell: ReviewedCell | undefined): string {
  if (cell === undefined) return "\u2013";
  return cell.score === null ? "\u2715" : String(cell.score);
}

/** Return whether two readers gave a cell different values; equal reasons for "not readable" do not matter. */
export function differs(first: ReviewedCell | undefined, second: ReviewedCell | undefined): boolean {
  return first !== undefined && second !== undefined && first.score !== second.score;
}

/** Return the pad of a reading, with the cells marked in which `other` differs. */
export function pad(reading: ReviewedReading, other: ReviewedReading | undefined, columns: readonly [Wall, Wall]): TemplateResult {
  const cell = (level: string, wall: Wall): TemplateResult => {
    const value = reading.cells[`${level}_${wall}`];
    const isDifferent = differs(value, other?.cells[`${level}_${wall}`]);
    return html`<td class=${isDifferent ? "differs" : ""} title=${value?.reason ?? ""}>${cellMark(value)}${isDifferent ? html`<span class="visually-hidden"> (differs)</span>` : nothing}</td>`;
  };
  const total = reading.total === null ? "\u2013" : String(reading.total);
  return html`<table class="review-pad">
    <caption>${reading.reader}</caption>
    <thead><tr><th scope="col"><span class="visually-hidden">Level</span></th>${columns.map((wall) => html`<th scope="col" title=${wall}>${wall === "posterior" ? "P" : "A"}</th>`)}</tr></thead>
    <tbody>${LEVELS.map((level) => html`<tr><th scope="row">${level}</th>${columns.map((wall) => cell(level, wall))}</tr>`)}</tbody>
    <tfoot><tr><th scope="row">Sum</th><td colspan="2">${total}${reading.group === null ? nothing : html` <span class="muted">${reading.group}</span>`}</td></tr></tfoot>
  </table>`;
}

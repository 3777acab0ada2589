/** State of the score pad for one reading: cells, selection and navigation. Pure and immutable. */

import type { Aac8Id, Cell, CellId, Level, Reading, Score, Wall } from "./contract";
import type { CellLengths } from "./measuring/geometry";

export const LEVELS: readonly Level[] = ["L1", "L2", "L3", "L4"];

const EMPTY_CELL: Cell = { score: null, validity: null, reason: "", version: 0 };

export interface PadState {
  readonly reading: string;
  /** The walls from left to right, as shown on the image. */
  readonly columns: readonly [Wall, Wall];
  readonly cells: Readonly<Record<CellId, Cell>>;
  /** Whether the study scores AAC-8, after the eight cells. */
  readonly aac8: boolean;
  /** The selected cell; null when every cell is filled and the reading can be submitted. */
  readonly current: CellId | null;
  /** Measured lengths and proposed grades of the cells, where plaques are measured. */
  readonly measured?: MeasuredCells;
}

export interface MeasuredCells {
  readonly cells: Readonly<Record<CellId, CellLengths>>;
  readonly unit: "mm" | "px";
  /** Shown where a level has no boundaries yet. */
  readonly missing: string;
}

/** A score, or the validity code and reason of a cell that is not readable. */
export type Mark =
  | { readonly score: Score | null }
  | { readonly validity: number; readonly reason: string };

export type Direction = "left" | "right" | "up" | "down";

export function startPad(reading: Reading): PadState {
  // The pad has the walls on the sides on which the reader sees them.
  const columns: [Wall, Wall] =
    reading.image.anterior === "left" ? ["anterior", "posterior"] : ["posterior", "anterior"];
  const { aac8 } = reading;
  const cells = { ...reading.cells, all_posterior: aac8?.posterior ?? EMPTY_CELL, all_anterior: aac8?.anterior ?? EMPTY_CELL };
  const pad: PadState = { reading: reading.id, columns, cells, aac8: aac8 !== null, current: null };
  return { ...pad, current: firstEmpty(pad) };
}

/** Return the cells in scoring order: from cranial to caudal, left to right on the image, then AAC-8. */
export function cellOrder(pad: PadState): CellId[] {
  const cells = LEVELS.flatMap((level) => pad.columns.map((wall): CellId => `${level}_${wall}`));
  return pad.aac8 ? [...cells, ...pad.columns.map((wall): CellId => `all_${wall}`)] : cells;
}

export function isAac8(id: CellId): id is Aac8Id {
  return id.startsWith("all_");
}

/** Return the highest score of a cell: 3, or 4 for the AAC-8 of a wall. */
export function highestScore(id: CellId): Score {
  return isAac8(id) ? 4 : 3;
}

export function isFilled(cell: Cell): boolean {
  // Validity 0 means readable, which goes with a score.
  return cell.score !== null || (cell.validity ?? 0) > 0;
}

export function isComplete(pad: PadState): boolean {
  return firstEmpty(pad) === null;
}

export function firstEmpty(pad: PadState): CellId | null {
  return cellOrder(pad).find((id) => !isFilled(pad.cells[id])) ?? null;
}

/** Set the mark of a cell. Its version stays until the server's response brings the new one. */
export function setMark(pad: PadState, id: CellId, mark: Mark): PadState {
  const before = pad.cells[id];
  const cell: Cell =
    "score" in mark
      ? { score: mark.score, validity: mark.score === null ? null : 0, reason: "", version: before.version }
      : { score: null, validity: mark.validity, reason: mark.reason, version: before.version };
  return { ...pad, cells: { ...pad.cells, [id]: cell } };
}

/** Select the next cell; after the last one, the first that is still empty, or none. */
export function advance(pad: PadState): PadState {
  const cells = cellOrder(pad);
  const index = pad.current === null ? -1 : cells.indexOf(pad.current);
  const next = index >= 0 && index < cells.length - 1 ? (cells[index + 1] ?? null) : null;
  return { ...pad, current: next ?? firstEmpty(pad) };
}

export function moveSelection(pad: PadState, direction: Direction): PadState {
  // A complete pad has no selection; any arrow returns to its last cell.
  if (pad.current === null) return selectCell(pad, cellOrder(pad).at(-1) ?? null);
  const cells = cellOrder(pad);
  const index = cells.indexOf(pad.current);
  const offset = { left: -1, right: 1, up: -2, down: 2 }[direction];
  const row = Math.floor(index / 2);
  const next = index + offset;
  const leavesRow = Math.abs(offset) === 1 && Math.floor(next / 2) !== row;
  // The selection does not wrap: the last column's neighbour is not the next level.
  return leavesRow ? pad : selectCell(pad, cells[next] ?? pad.current);
}

export function selectCell(pad: PadState, id: CellId | null): PadState {
  return { ...pad, current: id };
}

/** Set a cell to the stored one; the selection stays. */
export function setCell(pad: PadState, id: CellId, cell: Cell): PadState {
  return { ...pad, cells: { ...pad.cells, [id]: cell } };
}

export function setCellVersion(pad: PadState, id: CellId, version: number): PadState {
  return setCell(pad, id, { ...pad.cells[id], version });
}

/** Return the level of a cell; null for AAC-8, which covers all levels. */
export function levelOf(id: CellId): Level | null {
  return isAac8(id) ? null : (id.slice(0, 2) as Level);
}

/** Return the name of a cell, such as "L2 anterior" or "AAC-8 anterior". */
export function cellName(id: CellId): string {
  return id.replace("all_", "AAC-8 ").replace("_", " ");
}

/** Return the content of a cell: "2", "not readable" or "no score". */
export function cellText(cell: Cell): string {
  if (cell.score !== null) return String(cell.score);
  return isFilled(cell) ? "not readable" : "no score";
}

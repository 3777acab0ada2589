/** The score pad's state for one reading: cells, the current cell, where a key leads. Pure. */

import type { Cell, CellId, Level, Reading, Score, Wall } from "./contract";

export const LEVELS: readonly Level[] = ["L1", "L2", "L3", "L4"];

export interface Session {
  readonly reading: string;
  /** The walls from left to right, as they stand on the image. */
  readonly columns: readonly [Wall, Wall];
  readonly cells: Readonly<Record<CellId, Cell>>;
  /** Null when every cell is filled and the reading can be submitted. */
  readonly current: CellId | null;
}

/** What the reader said about a cell. */
export type Mark =
  | { readonly score: Score | null }
  | { readonly validity: number; readonly reason: string };

export type Direction = "left" | "right" | "up" | "down";

export function start(reading: Reading): Session {
  const columns: [Wall, Wall] =
    reading.image.anterior === "left" ? ["anterior", "posterior"] : ["posterior", "anterior"];
  const session: Session = { reading: reading.id, columns, cells: reading.cells, current: null };
  return { ...session, current: firstEmpty(session) };
}

/** The cells in the order in which they are scored: from above, left to right on the image. */
export function order(session: Session): CellId[] {
  return LEVELS.flatMap((level) => session.columns.map((wall): CellId => `${level}_${wall}`));
}

export function isFilled(cell: Cell): boolean {
  return cell.score !== null || (cell.validity ?? 0) > 0;
}

export function isComplete(session: Session): boolean {
  return firstEmpty(session) === null;
}

export function firstEmpty(session: Session): CellId | null {
  return order(session).find((id) => !isFilled(session.cells[id])) ?? null;
}

/** Puts a mark into a cell and keeps its version: the server's answer brings the new one. */
export function put(session: Session, id: CellId, mark: Mark): Session {
  const before = session.cells[id];
  const cell: Cell =
    "score" in mark
      ? { score: mark.score, validity: mark.score === null ? null : 0, reason: "", version: before.version }
      : { score: null, validity: mark.validity, reason: mark.reason, version: before.version };
  return { ...session, cells: { ...session.cells, [id]: cell } };
}

/** After a mark: the next cell; after the last one the first that is still empty, or none. */
export function goOn(session: Session): Session {
  const cells = order(session);
  const at = session.current === null ? -1 : cells.indexOf(session.current);
  const next = at >= 0 && at < cells.length - 1 ? (cells[at + 1] ?? null) : null;
  return { ...session, current: next ?? firstEmpty(session) };
}

export function move(session: Session, direction: Direction): Session {
  if (session.current === null) return select(session, order(session).at(-1) ?? null);
  const cells = order(session);
  const at = cells.indexOf(session.current);
  const step = { left: -1, right: 1, up: -2, down: 2 }[direction];
  const row = Math.floor(at / 2);
  const next = at + step;
  const leavesRow = Math.abs(step) === 1 && Math.floor(next / 2) !== row;
  return leavesRow ? session : select(session, cells[next] ?? session.current);
}

export function select(session: Session, id: CellId | null): Session {
  return { ...session, current: id };
}

/** Takes what the server has stored; the reader's place stays. */
export function take(session: Session, id: CellId, cell: Cell): Session {
  return { ...session, cells: { ...session.cells, [id]: cell } };
}

export function withVersion(session: Session, id: CellId, version: number): Session {
  return take(session, id, { ...session.cells[id], version });
}

export function levelOf(id: CellId): Level {
  return id.slice(0, 2) as Level;
}

/** "L2 anterior" */
export function nameOf(id: CellId): string {
  return id.replace("_", " ");
}

/** "2", "not readable" or "no score" */
export function valueOf(cell: Cell): string {
  if (cell.score !== null) return String(cell.score);
  return isFilled(cell) ? "not readable" : "no score";
}

/**
 * Lengths of calcified wall and the grades that follow from them; mirrors studies/sessions/measuring, which is
 * authoritative and documented there. Pure.
 */

import type { Pair } from "../../viewer/overlay/marks";
import type { PixelSize } from "../../viewer/pixelsize";
import type { CellId, Level, Score, Wall } from "../contract";

/** A calcified stretch of a wall, in image pixels. */
export interface Trace {
  readonly wall: Wall;
  readonly points: readonly Pair[];
}

/** Two points of a boundary of levels in image pixels; null where it is not set. */
export type Boundary = readonly [Pair, Pair] | null;
export type Rule = "lower" | "upper";

/** Lengths in mm, or in pixel widths without pixel spacing; null where they are not defined. */
/** Of the AAC-8 of a wall: the summed calcified length, the mean height of a level, and the score. */
export interface CellLengths {
  readonly calcified: number | null;
  readonly wall: number | null;
  readonly grade: Score | null;
}

export interface Measures {
  readonly cells: Readonly<Record<CellId, CellLengths>>;
  readonly aac8: Readonly<Record<Wall, number | null>>;
}

export const BOUNDARY_NAMES = ["T12/L1", "L1/L2", "L2/L3", "L3/L4", "L4/L5"] as const;
const LEVELS: readonly Level[] = ["L1", "L2", "L3", "L4"];
const WALLS: readonly Wall[] = ["posterior", "anterior"];
const TOLERANCE = 1e-6;
const MIN_SPAN_HEIGHTS = 0.5;
const MIN_COSINE = Math.cos(Math.PI / 4);
const MIN_SINE = 0.2;
const MIN_LENGTH = 1e-6;

interface WallLine {
  readonly point: Pair;
  readonly direction: Pair;
}

export function measureTraces(traces: readonly Trace[], boundaries: readonly Boundary[], size: PixelSize, rule: Rule): Measures {
  // Pixels need not be square, so lengths and angles are computed in equal units along both axes.
  const isotropic = ([x, y]: Pair): Pair => [x * size.across, y * size.down];
  const lines = BOUNDARY_NAMES.map((_, index): Boundary => {
    const line = boundaries[index] ?? null;
    return line === null ? null : [isotropic(line[0]), isotropic(line[1])];
  });
  const cells: Partial<Record<CellId, CellLengths>> = {};
  const aac8: Partial<Record<Wall, number | null>> = {};
  for (const wall of WALLS) {
    const levels = measureWall(traces.filter((trace) => trace.wall === wall).map((trace) => trace.points.map(isotropic)), lines);
    levels.forEach((lengths, index) => { cells[`${LEVELS[index] ?? "L1"}_${wall}`] = { ...lengths, grade: gradeOf(lengths, rule) }; });
    const lengths = summedLengths(levels);
    const grade = aac8OfWall(lengths);
    aac8[wall] = grade;
    cells[`all_${wall}`] = { ...lengths, grade };
  }
  return { cells: cells as Record<CellId, CellLengths>, aac8: aac8 as Record<Wall, number | null> };
}

type Lengths = Omit<CellLengths, "grade">;

function measureWall(traces: readonly (readonly Pair[])[], boundaries: readonly Boundary[]): Lengths[] {
  const line = fitLine(traces, boundaries);
  if (line === null) return LEVELS.map(() => ({ calcified: 0, wall: null }));
  const crossings = boundaries.map((boundary) => (boundary === null ? null : crossing(line, boundary)));
  const stretches = mergeIntervals(traces.map((points): Pair => {
    const positions = points.map((point) => dot(subtract(point, line.point), line.direction));
    return [Math.min(...positions), Math.max(...positions)];
  }));
  return LEVELS.map((_, index) => {
    const upper = crossings[index] ?? null;
    const lower = crossings[index + 1] ?? null;
    // Boundaries that meet the wall in the wrong order bound no level.
    if (upper === null || lower === null || lower <= upper) return { calcified: null, wall: null };
    const calcified = stretches.reduce((sum, [start, end]) => sum + Math.max(0, Math.min(end, lower) - Math.max(start, upper)), 0);
    return { calcified, wall: lower - upper };
  });
}

/** Fit a line to the traces of a wall by total least squares; null if no trace has a length. */
function fitLine(traces: readonly (readonly Pair[])[], boundaries: readonly Boundary[]): WallLine | null {
  const segments = traces.flatMap((points) => points.slice(1).map((end, index) => [points[index] ?? end, end] as const));
  const total = segments.reduce((sum, [a, b]) => sum + lengthOf(subtract(b, a)), 0);
  if (total < MIN_LENGTH) return null;
  // Segments count by their length, so that closely spaced points have no more weight than others.
  const centre: [number, number] = [0, 0];
  for (const [a, b] of segments) {
    const weight = lengthOf(subtract(b, a)) / total / 2;
    centre[0] += weight * (a[0] + b[0]);
    centre[1] += weight * (a[1] + b[1]);
  }
  let [xx, yy, xy] = [0, 0, 0];
  for (const [from, to] of segments) {
    const length = lengthOf(subtract(to, from));
    const [a, b] = [subtract(from, centre), subtract(to, centre)];
    xx += (length * (a[0] * a[0] + b[0] * b[0] + a[0] * b[0])) / 3;
    yy += (length * (a[1] * a[1] + b[1] * b[1] + a[1] * b[1])) / 3;
    xy += (length * (2 * (a[0] * a[1] + b[0] * b[1]) + a[0] * b[1] + a[1] * b[0])) / 6;
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  const direction: Pair = [Math.cos(angle), Math.sin(angle)];
  // A short or oblique trace does not define the direction of the wall; the spine does.
  const { axis, height } = spineAxis(boundaries);
  const cosine = dot(direction, axis);
  const alongAxis = segments.flat().map((point) => dot(point, axis));
  const span = Math.max(...alongAxis) - Math.min(...alongAxis);
  if (Math.abs(cosine) < MIN_COSINE || span < MIN_SPAN_HEIGHTS * height) return { point: centre, direction: axis };
  return { point: centre, direction: cosine > 0 ? direction : [-direction[0], -direction[1]] };
}

function spineAxis(boundaries: readonly Boundary[]): { axis: Pair; height: number } {
  const middles = boundaries.flatMap((boundary, index) =>
    boundary === null ? [] : [{ index, at: [(boundary[0][0] + boundary[1][0]) / 2, (boundary[0][1] + boundary[1][1]) / 2] as Pair }]);
  const [first, last] = [middles[0], middles.at(-1)];
  if (first === undefined || last === undefined || first === last) return { axis: [0, 1], height: 0 };
  const across = subtract(last.at, first.at);
  const length = lengthOf(across);
  if (length === 0) return { axis: [0, 1], height: 0 };
  return { axis: [across[0] / length, across[1] / length], height: length / (last.index - first.index) };
}

function crossing({ point, direction }: WallLine, [start, end]: readonly [Pair, Pair]): number | null {
  const along = subtract(end, start);
  const length = lengthOf(along);
  const sine = cross(direction, along);
  if (length === 0 || Math.abs(sine) < MIN_SINE * length) return null;
  return cross(subtract(start, point), along) / sine;
}

/** Return the union of intervals, so that stretches that overlap count once. */
export function mergeIntervals(intervals: readonly Pair[]): Pair[] {
  const merged: Pair[] = [];
  for (const [start, end] of [...intervals].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], end)];
    else merged.push([start, end]);
  }
  return merged;
}

/** Return the grade of a calcified share; `rule` is the grade to which exactly 1/3 and 2/3 belong. */
export function gradeOfShare(share: number, rule: Rule): Score {
  if (share <= TOLERANCE) return 0;
  // A share of exactly one third may be slightly off after the division.
  const slack = rule === "lower" ? TOLERANCE : -TOLERANCE;
  return (1 + [1 / 3, 2 / 3].filter((limit) => share > limit + slack).length) as Score;
}

function gradeOf({ calcified, wall }: Lengths, rule: Rule): Score | null {
  if (calcified === null) return null;
  return wall === null ? 0 : gradeOfShare(calcified / wall, rule);
}

/** Return the summed calcified length of a wall, and the mean of its heights; null where one is unknown. */
function summedLengths(levels: readonly Lengths[]): Lengths {
  const sum = (values: readonly (number | null)[]): number | null =>
    values.reduce<number | null>((total, value) => (total === null || value === null ? null : total + value), 0);
  const height = sum(levels.map(({ wall }) => wall));
  return { calcified: sum(levels.map(({ calcified }) => calcified)), wall: height === null ? null : height / levels.length };
}

function aac8OfWall({ calcified, wall }: Lengths): Score | null {
  // Without traces no length of the wall is known, and none is needed.
  if (calcified === null || calcified === 0) return calcified;
  if (wall === null) return null;
  const heights = calcified / wall;
  return heights <= TOLERANCE ? 0 : ((1 + [1, 2, 3].filter((limit) => heights > limit + TOLERANCE).length) as Score);
}

/** Return the length of a trace along its points, in `size.unit`. */
export function traceLength(points: readonly Pair[], { across, down }: PixelSize): number {
  return points.slice(1).reduce((sum, [x, y], index) => {
    const [fromX, fromY] = points[index] ?? [x, y];
    return sum + Math.hypot((x - fromX) * across, (y - fromY) * down);
  }, 0);
}

function subtract(a: Pair, b: Pair): Pair {
  return [a[0] - b[0], a[1] - b[1]];
}

function dot(a: Pair, b: Pair): number {
  return a[0] * b[0] + a[1] * b[1];
}

function cross(a: Pair, b: Pair): number {
  return a[0] * b[1] - a[1] * b[0];
}

function lengthOf(a: Pair): number {
  return Math.hypot(a[0], a[1]);
}

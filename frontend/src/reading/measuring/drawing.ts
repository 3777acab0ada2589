/** The traces and level lines of a reading, and changes to them. Pure and immutable. */

import { mirrorPoint, mirrorPoints } from "../../viewer/mirror";
import type { Pair } from "../../viewer/overlay/marks";
import type { Size } from "../../viewer/view";
import type { Wall } from "../contract";
import { BOUNDARY_NAMES } from "./geometry";
import type { Boundary, Trace } from "./geometry";

/** What is stored: all traces, and the reader's level lines (empty where guides divide the levels). */
export interface Drawing {
  readonly traces: readonly Trace[];
  readonly boundaries: readonly Boundary[];
}

export const EMPTY_DRAWING: Drawing = { traces: [], boundaries: [] };

/** Return the drawing mirrored with an image that is `width` pixels wide. */
export function mirrorDrawing({ traces, boundaries }: Drawing, width: number): Drawing {
  return {
    traces: traces.map((trace) => ({ ...trace, points: mirrorPoints(trace.points, width) })),
    boundaries: boundaries.map((line) => line && [mirrorPoint(line[0], width), mirrorPoint(line[1], width)]),
  };
}

export function addTrace(drawing: Drawing, trace: Trace): Drawing {
  return { ...drawing, traces: [...drawing.traces, trace] };
}

export function removeTrace(drawing: Drawing, index: number): Drawing {
  return { ...drawing, traces: drawing.traces.filter((_, other) => other !== index) };
}

export function movePoint(drawing: Drawing, index: number, point: number, to: Pair): Drawing {
  return changeTrace(drawing, index, (trace) => ({ ...trace, points: trace.points.with(point, to) }));
}

/** Add a point to a trace before the point with this number. */
export function insertPoint(drawing: Drawing, index: number, point: number, at: Pair): Drawing {
  return changeTrace(drawing, index, (trace) => ({ ...trace, points: trace.points.toSpliced(point, 0, at) }));
}

export function switchWall(drawing: Drawing, index: number): Drawing {
  return changeTrace(drawing, index, (trace) => ({ ...trace, wall: otherWall(trace.wall) }));
}

export function otherWall(wall: Wall): Wall {
  return wall === "anterior" ? "posterior" : "anterior";
}

export function setBoundary(drawing: Drawing, index: number, line: Boundary): Drawing {
  // The list may be shorter than the names while lines are not set.
  const boundaries = BOUNDARY_NAMES.map((_, other) => (other === index ? line : (drawing.boundaries[other] ?? null)));
  return { ...drawing, boundaries };
}

/** Return the number of the next level line to set, from cranial to caudal; null when all are set. */
export function nextBoundary(drawing: Drawing): number | null {
  const index = BOUNDARY_NAMES.findIndex((_, other) => (drawing.boundaries[other] ?? null) === null);
  return index === -1 ? null : index;
}

export function countBoundaries(drawing: Drawing): number {
  return drawing.boundaries.filter((line) => line !== null).length;
}

/** Position of the default level lines as fractions of the image: the same on every image, whatever it shows. */
const DEFAULT_HEIGHTS = [0.42, 0.52, 0.62, 0.72, 0.82] as const;
const DEFAULT_LEFT = 0.25;
const DEFAULT_RIGHT = 0.75;

/** Return a default level line, which the reader moves to its place. */
export function defaultBoundary(index: number, { width, height }: Size): readonly [Pair, Pair] {
  const y = Math.round((DEFAULT_HEIGHTS[index] ?? 0.5) * height);
  return [[Math.round(DEFAULT_LEFT * width), y], [Math.round(DEFAULT_RIGHT * width), y]];
}

/** Return a level line, or the default one where it is not set. */
export function boundaryAt(drawing: Drawing, index: number, image: Size): readonly [Pair, Pair] {
  return drawing.boundaries[index] ?? defaultBoundary(index, image);
}

/** Move one end of a level line to a point, or the whole line up or down so that it passes through the point. */
export function moveBoundary([first, second]: readonly [Pair, Pair], part: { point: number; kind: "point" | "segment" }, to: Pair, image: Size): readonly [Pair, Pair] {
  if (part.kind === "point") return part.point === 0 ? [to, second] : [first, to];
  const [width, height] = [second[0] - first[0], second[1] - first[1]];
  // A nearly vertical line has no height at a column, so its middle is used.
  const before = first[1] + (Math.abs(width) < 1 ? height / 2 : (height * (to[0] - first[0])) / width);
  const moved = ([x, y]: Pair): Pair => onImage([x, y + to[1] - before], image);
  return [moved(first), moved(second)];
}

/** Return a point on the image, rounded to 1/100 pixel; it extends half a pixel beyond the outer pixel centres. */
export function onImage([x, y]: Pair, { width, height }: Size): Pair {
  const within = (value: number, size: number): number => Math.round(Math.min(Math.max(value, -0.5), size - 0.5) * 100) / 100;
  return [within(x, width), within(y, height)];
}

/** Leave out points of a line drawn freehand that lie within `tolerance` of the rest (Douglas and Peucker 1973). */
export function simplify(points: readonly Pair[], tolerance: number): Pair[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < 3) return [...points];
  let [farthest, index] = [tolerance, -1];
  points.forEach((point, other) => {
    const distance = distanceToSegment(point, first, last);
    if (distance > farthest) [farthest, index] = [distance, other];
  });
  if (index === -1) return [first, last];
  // Both parts contain the farthest point, which must occur once.
  return [...simplify(points.slice(0, index + 1), tolerance).slice(0, -1), ...simplify(points.slice(index), tolerance)];
}

export function distanceToSegment([x, y]: Pair, [ax, ay]: Pair, [bx, by]: Pair): number {
  const [dx, dy] = [bx - ax, by - ay];
  const squared = dx * dx + dy * dy;
  const share = squared === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / squared));
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}

function changeTrace(drawing: Drawing, index: number, change: (trace: Trace) => Trace): Drawing {
  return { ...drawing, traces: drawing.traces.map((trace, other) => (other === index ? change(trace) : trace)) };
}

/** Which handle or line of a drawing lies under the pointer. Pure; all positions in CSS pixels of the viewer. */

import type { Pair } from "../../viewer/overlay/marks";
import { distanceToSegment } from "./drawing";

/** A point or a segment of the trace or level line `line`; a segment is named by the point at its end. */
export interface Hit {
  readonly line: number;
  readonly point: number;
  readonly kind: "point" | "segment";
}

// Fingers cover more of the image than a mouse pointer.
const POINT_RADIUS: Readonly<Record<string, number>> = { mouse: 9, pen: 14, touch: 22 };
const SEGMENT_RADIUS: Readonly<Record<string, number>> = { mouse: 6, pen: 9, touch: 14 };

/** Return the nearest point or segment within reach; points go before segments, and the selected line before others. */
export function findHit(lines: readonly (readonly Pair[])[], at: Pair, pointer: string, selected: number | null): Hit | null {
  const order = lines.map((_, index) => index).sort((a, b) => Number(b === selected) - Number(a === selected));
  return nearest(order, lines, "point", POINT_RADIUS[pointer] ?? 9, (points, index) => {
    const [x, y] = points[index] ?? [0, 0];
    return Math.hypot(x - at[0], y - at[1]);
  }) ?? nearest(order, lines, "segment", SEGMENT_RADIUS[pointer] ?? 6, (points, index) => {
    const [from, to] = [points[index - 1], points[index]];
    return from === undefined || to === undefined ? Infinity : distanceToSegment(at, from, to);
  });
}

function nearest(
  order: readonly number[],
  lines: readonly (readonly Pair[])[],
  kind: Hit["kind"],
  radius: number,
  distanceOf: (points: readonly Pair[], index: number) => number,
): Hit | null {
  let best: Hit | null = null;
  let shortest = radius;
  for (const line of order) {
    const points = lines[line] ?? [];
    points.forEach((_, point) => {
      const distance = distanceOf(points, point);
      if (distance < shortest) [shortest, best] = [distance, { line, point, kind }];
    });
  }
  return best;
}

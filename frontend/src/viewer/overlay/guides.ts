/** Guides computed from vertebral corners; mirrors inference/geometry/guides.py, and a test compares both. Pure. */

import { VERTEBRAE, cornerOf } from "./marks";
import type { Bodies, GuideLine, Pair } from "./marks";
import { distance } from "../pixelsize";
import type { PixelSize } from "../pixelsize";

const EXTENSION_WIDTHS = 1;
const EXCLUDED_FROM_WIDTH = "L4/L5";

/**
 * Return the guides and thirds from cranial to caudal, in image pixels.
 *
 * There are 13 lines when all corners are known. Each extends anteriorly by one mean vertebral width.
 */
export function drawGuides(bodies: Bodies, size: PixelSize): GuideLine[] {
  const lines = spinalLines(bodies);
  const width = meanWidth(lines, size);
  return width > 0 ? lines.map((line) => ({ ...line, end: extendAnteriorly(line, size, EXTENSION_WIDTHS * width) })) : [];
}

export function interpolate(from: Pair, to: Pair, fraction: number): Pair {
  return [from[0] + (to[0] - from[0]) * fraction, from[1] + (to[1] - from[1]) * fraction];
}

function meanWidth(lines: readonly GuideLine[], size: PixelSize): number {
  const included = lines.filter((line) => line.name !== EXCLUDED_FROM_WIDTH);
  const sum = included.reduce((total, line) => total + distance(line.posterior, line.anterior, size), 0);
  return included.length > 0 ? sum / included.length : 0;
}

function extendAnteriorly({ posterior, anterior }: GuideLine, size: PixelSize, extension: number): Pair {
  const length = distance(posterior, anterior, size);
  const fraction = length > 0 ? extension / length : 0;
  return [
    anterior[0] + (anterior[0] - posterior[0]) * fraction,
    anterior[1] + (anterior[1] - posterior[1]) * fraction,
  ];
}

function spinalLines(bodies: Bodies): GuideLine[] {
  const guides = VERTEBRAE.slice(1).map((lower, index) => guideBetween(bodies, VERTEBRAE[index] ?? "", lower));
  return guides.flatMap((guide, index) => {
    if (guide === null) return [];
    const below = guides[index + 1] ?? null;
    const level = VERTEBRAE[index + 1] ?? "";
    return below === null ? [guide] : [guide, third(level, 1, guide, below), third(level, 2, guide, below)];
  });
}

function guideBetween(bodies: Bodies, upper: string, lower: string): GuideLine | null {
  const posterior = midpoint(cornerOf(bodies, upper, "inferior_posterior"), cornerOf(bodies, lower, "superior_posterior"));
  const anterior = midpoint(cornerOf(bodies, upper, "inferior_anterior"), cornerOf(bodies, lower, "superior_anterior"));
  if (posterior === null || anterior === null) return null;
  if (posterior[0] === anterior[0] && posterior[1] === anterior[1]) return null;
  return { name: `${upper}/${lower}`, kind: "guide", posterior, anterior, end: anterior };
}

function third(level: string, part: number, above: GuideLine, below: GuideLine): GuideLine {
  const posterior = interpolate(above.posterior, below.posterior, part / 3);
  const anterior = interpolate(above.anterior, below.anterior, part / 3);
  return { name: `${level} ${String(part)}/3`, kind: "third", posterior, anterior, end: anterior };
}

function midpoint(one: Pair | null, other: Pair | null): Pair | null {
  return one === null || other === null ? null : interpolate(one, other, 0.5);
}

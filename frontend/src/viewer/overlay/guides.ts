/** The lines that corners allow, as inference/geometry/guides.py draws them: a test holds the two together. Pure. */

import { VERTEBRAE, cornerOf } from "./marks";
import type { Bodies, GuideLine, Pair } from "./marks";
import { lengthOf } from "../pixelsize";
import type { PixelSize } from "../pixelsize";

const EXTENSION = 1;
const LEFT_OUT_OF_WIDTH = "L4/L5";

/** From above; 13 lines when all corners are there. Each ends one mean width beyond its anterior end. */
export function drawGuides(bodies: Bodies, size: PixelSize): GuideLine[] {
  const bare = endsAtTheSpine(bodies);
  const width = meanWidth(bare, size);
  return width > 0 ? bare.map((line) => ({ ...line, end: beyond(line, size, EXTENSION * width) })) : [];
}

export function between(from: Pair, to: Pair, share: number): Pair {
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

function meanWidth(lines: readonly GuideLine[], size: PixelSize): number {
  const counted = lines.filter((line) => line.name !== LEFT_OUT_OF_WIDTH);
  const sum = counted.reduce((total, line) => total + lengthOf(line.posterior, line.anterior, size), 0);
  return counted.length > 0 ? sum / counted.length : 0;
}

function beyond({ posterior, anterior }: GuideLine, size: PixelSize, distance: number): Pair {
  const length = lengthOf(posterior, anterior, size);
  const share = length > 0 ? distance / length : 0;
  return [
    anterior[0] + (anterior[0] - posterior[0]) * share,
    anterior[1] + (anterior[1] - posterior[1]) * share,
  ];
}

function endsAtTheSpine(bodies: Bodies): GuideLine[] {
  const guides = VERTEBRAE.slice(1).map((lower, place) => guideBetween(bodies, VERTEBRAE[place] ?? "", lower));
  return guides.flatMap((guide, place) => {
    if (guide === null) return [];
    const below = guides[place + 1] ?? null;
    const level = VERTEBRAE[place + 1] ?? "";
    return below === null ? [guide] : [guide, third(level, 1, guide, below), third(level, 2, guide, below)];
  });
}

function guideBetween(bodies: Bodies, upper: string, lower: string): GuideLine | null {
  const posterior = middle(cornerOf(bodies, upper, "inferior_posterior"), cornerOf(bodies, lower, "superior_posterior"));
  const anterior = middle(cornerOf(bodies, upper, "inferior_anterior"), cornerOf(bodies, lower, "superior_anterior"));
  if (posterior === null || anterior === null) return null;
  if (posterior[0] === anterior[0] && posterior[1] === anterior[1]) return null;
  return { name: `${upper}/${lower}`, kind: "guide", posterior, anterior, end: anterior };
}

function third(level: string, part: number, above: GuideLine, below: GuideLine): GuideLine {
  const posterior = between(above.posterior, below.posterior, part / 3);
  const anterior = between(above.anterior, below.anterior, part / 3);
  return { name: `${level} ${String(part)}/3`, kind: "third", posterior, anterior, end: anterior };
}

function middle(one: Pair | null, other: Pair | null): Pair | null {
  return one === null || other === null ? null : between(one, other, 0.5);
}

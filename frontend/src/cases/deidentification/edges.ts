/** The strips along the edges of an image, where scanners and archives burn in names. Pure. */

import type { Rectangle } from "../../viewer/equalise";
import type { Size } from "../../viewer/view";

export type Edge = "top" | "bottom" | "left" | "right";

// Wide enough for two lines of burned-in text on the scanners known so far.
const STRIP_SHARE = 0.12;
const MIN_DEPTH_PX = 48;
const MAX_DEPTH_PX = 96;

/** Return the depth of a strip in image pixels, for a side of the given length. */
function stripDepth(side: number): number {
  return Math.min(Math.max(Math.round(side * STRIP_SHARE), MIN_DEPTH_PX), MAX_DEPTH_PX, Math.floor(side / 2));
}

export function edgeStrips({ width, height }: Size): Readonly<Record<Edge, Rectangle>> {
  const [across, down] = [stripDepth(width), stripDepth(height)];
  return {
    top: { left: 0, top: 0, width, height: down },
    bottom: { left: 0, top: height - down, width, height: down },
    left: { left: 0, top: 0, width: across, height },
    right: { left: width - across, top: 0, width: across, height },
  };
}

/** The strips along the edges of an image, where scanners and archives write names. Pure. */

import type { Rectangle } from "../viewer/equalise";
import type { Size } from "../viewer/view";

export type Edge = "top" | "bottom" | "left" | "right";

const SHARE = 0.12;
const LEAST = 48;
const MOST = 96;

/** How deep a strip along a side of this length is, in pixels of the image. */
function depth(side: number): number {
  return Math.min(Math.max(Math.round(side * SHARE), LEAST), MOST, Math.floor(side / 2));
}

export function edgeStrips({ width, height }: Size): Readonly<Record<Edge, Rectangle>> {
  const [across, down] = [depth(width), depth(height)];
  return {
    top: { left: 0, top: 0, width, height: down },
    bottom: { left: 0, top: height - down, width, height: down },
    left: { left: 0, top: 0, width: across, height },
    right: { left: width - across, top: 0, width: across, height },
  };
}

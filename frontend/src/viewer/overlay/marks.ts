/** Guides and vertebral bodies in image pixels, as sent by the server. */

import type { Guide as GuideLine, VertebralBody as BodyCorners } from "../../schema";

export type { BodyCorners, GuideLine };
export type Pair = readonly [number, number];
export type Bodies = Readonly<Record<string, BodyCorners | null>>;

export const VERTEBRAE = ["T12", "L1", "L2", "L3", "L4", "L5"] as const;
export const CORNERS = ["superior_posterior", "superior_anterior", "inferior_posterior", "inferior_anterior"] as const;
export type Corner = (typeof CORNERS)[number];

/** Return a corner, or null where the body or the corner is missing. */
export function cornerOf(bodies: Bodies, vertebra: string, corner: Corner): Pair | null {
  return bodies[vertebra]?.[corner] ?? null;
}

/** Return the band of a level as a polygon (L1 lies between T12/L1 and L1/L2), or null without its guides. */
export function bandOf(guides: readonly GuideLine[], level: string): Pair[] | null {
  const lines = guides.filter((guide) => guide.kind === "guide");
  const above = lines.find((guide) => guide.name.endsWith(`/${level}`));
  const below = lines.find((guide) => guide.name.startsWith(`${level}/`));
  if (above === undefined || below === undefined) return null;
  return [above.posterior, above.end, below.end, below.posterior];
}

/** Return the outline of a body through its known corners. */
export function outlineOf(body: BodyCorners): Pair[] {
  const around = [
    body.superior_posterior,
    body.superior_anterior,
    body.inferior_anterior,
    body.inferior_posterior,
  ];
  return around.filter((corner): corner is Pair => corner !== null);
}

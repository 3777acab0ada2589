/** Corners that are being corrected: what was found, what stands now, and the way back. Pure and immutable. */

import { CORNERS, VERTEBRAE, cornerOf } from "../viewer/overlay/marks";
import type { Bodies, BodyCorners, Corner, Pair } from "../viewer/overlay/marks";
import { lengthOf } from "../viewer/pixelsize";
import type { PixelSize } from "../viewer/pixelsize";

export interface Place {
  readonly vertebra: (typeof VERTEBRAE)[number];
  readonly corner: Corner;
}

export interface Draft {
  readonly base: Bodies;
  readonly now: Bodies;
  readonly past: readonly Bodies[];
  readonly future: readonly Bodies[];
  /** What the last change belongs to: changes of one drag, or one run of keys, are undone together. */
  readonly run: string;
}

/** T12 superior posterior to L5 inferior anterior. */
export const PLACES: readonly Place[] = VERTEBRAE.flatMap((vertebra) => CORNERS.map((corner) => ({ vertebra, corner })));

const NO_CORNERS: BodyCorners = {
  superior_posterior: null,
  superior_anterior: null,
  inferior_posterior: null,
  inferior_anterior: null,
  confidence: null,
};

export function begun(base: Bodies): Draft {
  return { base, now: base, past: [], future: [], run: "" };
}

/** One corner set to another place of the image; null takes it out. */
export function moved(draft: Draft, place: Place, to: Pair | null, run: string): Draft {
  const now = withCorner(draft.now, place, to);
  const past = run !== "" && run === draft.run ? draft.past : [...draft.past, draft.now];
  return { ...draft, now, past, future: [], run };
}

/** The next change stands by itself, whatever it belongs to. */
export function settled(draft: Draft): Draft {
  return draft.run === "" ? draft : { ...draft, run: "" };
}

export function undone(draft: Draft): Draft {
  const before = draft.past.at(-1);
  if (before === undefined) return draft;
  return { ...draft, now: before, past: draft.past.slice(0, -1), future: [draft.now, ...draft.future], run: "" };
}

export function redone(draft: Draft): Draft {
  const [after, ...future] = draft.future;
  if (after === undefined) return draft;
  return { ...draft, now: after, past: [...draft.past, draft.now], future, run: "" };
}

/** The same changes on another version: its corners stand where this draft had moved none. */
export function rebased(draft: Draft, base: Bodies): Draft {
  const onto = (mine: Bodies): Bodies =>
    changedPlaces({ ...draft, now: mine }).reduce((bodies, place) => withCorner(bodies, place, at(mine, place)), base);
  return { base, now: onto(draft.now), past: draft.past.map(onto), future: draft.future.map(onto), run: "" };
}

function withCorner(bodies: Bodies, place: Place, to: Pair | null): Bodies {
  const body = bodies[place.vertebra] ?? NO_CORNERS;
  return { ...bodies, [place.vertebra]: { ...body, [place.corner]: to } };
}

export function at(bodies: Bodies, place: Place): Pair | null {
  return cornerOf(bodies, place.vertebra, place.corner);
}

export function changedPlaces(draft: Draft): Place[] {
  return PLACES.filter((place) => {
    const [before, after] = [at(draft.base, place), at(draft.now, place)];
    return before === null || after === null ? before !== after : before[0] !== after[0] || before[1] !== after[1];
  });
}

/** How far a corner went; null where it was or is not there. */
export function wayOf(draft: Draft, place: Place, size: PixelSize): number | null {
  const [before, after] = [at(draft.base, place), at(draft.now, place)];
  return before === null || after === null ? null : lengthOf(before, after, size);
}

/** All corners as the server takes them. */
export function corners(bodies: Bodies): Record<string, Record<Corner, Pair | null> | null> {
  return Object.fromEntries(
    VERTEBRAE.map((vertebra) => {
      const named = CORNERS.map((corner) => [corner, cornerOf(bodies, vertebra, corner)] as const);
      const known = named.some(([, point]) => point !== null);
      return [vertebra, known ? (Object.fromEntries(named) as Record<Corner, Pair | null>) : null];
    }),
  );
}

/** Where a corner that is not there yet is put in: the fourth of a parallelogram, else null. */
export function likely(bodies: Bodies, { vertebra, corner }: Place): Pair | null {
  const [plate, wall] = corner.split("_") as [string, string];
  const otherPlate = plate === "superior" ? "inferior" : "superior";
  const otherWall = wall === "posterior" ? "anterior" : "posterior";
  const beside = cornerOf(bodies, vertebra, `${plate}_${otherWall}` as Corner);
  const across = cornerOf(bodies, vertebra, `${otherPlate}_${wall}` as Corner);
  const opposite = cornerOf(bodies, vertebra, `${otherPlate}_${otherWall}` as Corner);
  if (beside === null || across === null || opposite === null) return null;
  return [beside[0] + across[0] - opposite[0], beside[1] + across[1] - opposite[1]];
}

/** "L1 superior posterior". */
export function nameOf({ vertebra, corner }: Place): string {
  return `${vertebra} ${corner.replace("_", " ")}`;
}

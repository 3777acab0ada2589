/** A draft of corrected corners with undo and redo. Pure and immutable; positions in image pixels. */

import { CORNERS, VERTEBRAE, cornerOf } from "../viewer/overlay/marks";
import type { Bodies, BodyCorners, Corner, Pair } from "../viewer/overlay/marks";
import { distance } from "../viewer/pixelsize";
import type { PixelSize } from "../viewer/pixelsize";

export interface CornerId {
  readonly vertebra: (typeof VERTEBRAE)[number];
  readonly corner: Corner;
}

export interface Draft {
  readonly base: Bodies;
  readonly now: Bodies;
  readonly past: readonly Bodies[];
  readonly future: readonly Bodies[];
  /** Name of the run that the last change belongs to; the changes of one drag or key run are undone together. */
  readonly run: string;
}

/** All corners in order, from T12 superior posterior to L5 inferior anterior. */
export const CORNER_IDS: readonly CornerId[] = VERTEBRAE.flatMap((vertebra) => CORNERS.map((corner) => ({ vertebra, corner })));

const NO_CORNERS: BodyCorners = {
  superior_posterior: null,
  superior_anterior: null,
  inferior_posterior: null,
  inferior_anterior: null,
  confidence: null,
};

export function startDraft(base: Bodies): Draft {
  return { base, now: base, past: [], future: [], run: "" };
}

/** Set the position of one corner; null removes it. */
export function moveCorner(draft: Draft, cornerId: CornerId, to: Pair | null, run: string): Draft {
  const now = withCorner(draft.now, cornerId, to);
  const past = run !== "" && run === draft.run ? draft.past : [...draft.past, draft.now];
  return { ...draft, now, past, future: [], run };
}

/** End the current run, so that the next change is undone separately. */
export function endRun(draft: Draft): Draft {
  return draft.run === "" ? draft : { ...draft, run: "" };
}

export function undoChange(draft: Draft): Draft {
  const before = draft.past.at(-1);
  if (before === undefined) return draft;
  return { ...draft, now: before, past: draft.past.slice(0, -1), future: [draft.now, ...draft.future], run: "" };
}

export function redoChange(draft: Draft): Draft {
  const [after, ...future] = draft.future;
  if (after === undefined) return draft;
  return { ...draft, now: after, past: [...draft.past, draft.now], future, run: "" };
}

/** Apply the changes of a draft to another version, whose corners are used where the draft changed none. */
export function rebaseDraft(draft: Draft, base: Bodies): Draft {
  // The steps that can be undone are rebased as well: undo must not restore corners of the old version.
  const applyTo = (edited: Bodies): Bodies =>
    changedCorners({ ...draft, now: edited }).reduce((bodies, cornerId) => withCorner(bodies, cornerId, cornerAt(edited, cornerId)), base);
  return { base, now: applyTo(draft.now), past: draft.past.map(applyTo), future: draft.future.map(applyTo), run: "" };
}

function withCorner(bodies: Bodies, cornerId: CornerId, to: Pair | null): Bodies {
  const body = bodies[cornerId.vertebra] ?? NO_CORNERS;
  return { ...bodies, [cornerId.vertebra]: { ...body, [cornerId.corner]: to } };
}

export function cornerAt(bodies: Bodies, cornerId: CornerId): Pair | null {
  return cornerOf(bodies, cornerId.vertebra, cornerId.corner);
}

export function changedCorners(draft: Draft): CornerId[] {
  return CORNER_IDS.filter((cornerId) => {
    const [before, after] = [cornerAt(draft.base, cornerId), cornerAt(draft.now, cornerId)];
    return before === null || after === null ? before !== after : before[0] !== after[0] || before[1] !== after[1];
  });
}

/** Return the distance by which a corner moved, in `size.unit`; null when it was added or removed. */
export function displacement(draft: Draft, cornerId: CornerId, size: PixelSize): number | null {
  const [before, after] = [cornerAt(draft.base, cornerId), cornerAt(draft.now, cornerId)];
  return before === null || after === null ? null : distance(before, after, size);
}

/** Return all corners as the server expects them. */
export function cornersToJson(bodies: Bodies): Record<string, Record<Corner, Pair | null> | null> {
  return Object.fromEntries(
    VERTEBRAE.map((vertebra) => {
      // A vertebra without any corner is null for the server, not four missing corners.
      const named = CORNERS.map((corner) => [corner, cornerOf(bodies, vertebra, corner)] as const);
      const known = named.some(([, point]) => point !== null);
      return [vertebra, known ? (Object.fromEntries(named) as Record<Corner, Pair | null>) : null];
    }),
  );
}

/** Estimate a missing corner as the fourth of a parallelogram; null unless the other three are known. */
export function estimateCorner(bodies: Bodies, { vertebra, corner }: CornerId): Pair | null {
  const [plate, wall] = corner.split("_") as [string, string];
  const otherPlate = plate === "superior" ? "inferior" : "superior";
  const otherWall = wall === "posterior" ? "anterior" : "posterior";
  const acrossWall = cornerOf(bodies, vertebra, `${plate}_${otherWall}` as Corner);
  const acrossPlate = cornerOf(bodies, vertebra, `${otherPlate}_${wall}` as Corner);
  const opposite = cornerOf(bodies, vertebra, `${otherPlate}_${otherWall}` as Corner);
  if (acrossWall === null || acrossPlate === null || opposite === null) return null;
  return [acrossWall[0] + acrossPlate[0] - opposite[0], acrossWall[1] + acrossPlate[1] - opposite[1]];
}

/** Return the name of a corner, such as "L1 superior posterior". */
export function cornerName({ vertebra, corner }: CornerId): string {
  return `${vertebra} ${corner.replace("_", " ")}`;
}

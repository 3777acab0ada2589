/** The content of the layer over the image: traces, level lines and crosshair in a state of the drawing tool. Pure. */

import type { Pair } from "../../viewer/overlay/marks";
import type { PixelSize } from "../../viewer/pixelsize";
import type { Size } from "../../viewer/view";
import type { Wall } from "../contract";
import { boundaryAt } from "./drawing";
import type { Drawing } from "./drawing";
import { BOUNDARY_NAMES, traceLength } from "./geometry";
import type { LayerContent, ShownBoundary } from "./tracelayer";

export type Mode = "traces" | "levels";

/** A line that is being drawn from `points`; `cursor` is its free end. */
export interface Draft {
  readonly points: readonly Pair[];
  readonly cursor: Pair;
}

export interface ToolState {
  readonly drawing: Drawing;
  readonly mode: Mode;
  readonly wall: Wall;
  readonly selected: number | null;
  readonly nextLine: number | null;
  readonly size: PixelSize;
  readonly guided: boolean;
  readonly image: Size;
}

export function layerContent(state: ToolState, active: boolean, draft: Draft | null, crosshair: Pair | null): LayerContent {
  const { drawing, size, selected, wall, mode } = state;
  const points = draft === null ? [] : [...draft.points, draft.cursor];
  const traces = drawing.traces.map((trace, index) => ({
    ...trace,
    label: describeTrace(trace.wall, trace.points, size),
    selected: index === selected,
    draft: false,
  }));
  // Last, so that the line being drawn lies above the others.
  if (draft !== null && mode === "traces") traces.push({ wall, points, label: describeTrace(wall, points, size), selected: false, draft: true });
  return { traces, boundaries: state.guided ? [] : boundaryContent(state, active, points), crosshair };
}

/** Default lines are shown while level lines are being set, except the one that is being drawn. */
function boundaryContent({ drawing, mode, nextLine, image }: ToolState, active: boolean, draft: readonly Pair[]): ShownBoundary[] {
  const setting = active && mode === "levels";
  return BOUNDARY_NAMES.flatMap((_, index): ShownBoundary[] => {
    const isSet = (drawing.boundaries[index] ?? null) !== null;
    // The draft replaces the default line that it sets.
    if (setting && draft.length > 0 && index === nextLine) return [{ index, points: draft, state: "draft", handles: false }];
    if (!isSet && !setting) return [];
    return [{ index, points: boundaryAt(drawing, index, image), state: isSet ? "set" : "default", handles: setting }];
  });
}

/** Return the wall and length of a trace, such as "A 12.4 mm". */
export function describeTrace(wall: Wall, points: readonly Pair[], size: PixelSize): string {
  const length = traceLength(points, size).toFixed(size.unit === "mm" ? 1 : 0);
  return `${wall === "anterior" ? "A" : "P"} ${length} ${size.unit}`;
}

/** Evidence of the crop check as positions to draw and labels. Pure. */

import type { CropCheck, FieldEnd } from "../../schema";
import type { Pair } from "./marks";
import type { PixelSize } from "../pixelsize";

export type { CropCheck };
/** `borderline`: the wall is near the edge of the field of view; `unknown`: not assessed. */
export type CropVerdict = CropCheck["verdict"];
export type FieldSide = FieldEnd["side"];

/** The smallest margin of a level: from the expected anterior aortic wall to the edge of the field of view. */
export interface LevelMargin {
  readonly level: string;
  readonly from: Pair;
  readonly to: Pair | null;
  readonly side: FieldSide;
  readonly verdict: CropVerdict;
  readonly text: string;
  readonly where: string;
}

export interface LostLine {
  readonly name: string;
  readonly at: Pair;
  readonly text: string;
}

const DIRECTIONS: Readonly<Record<FieldSide, Pair>> = { right: [1, 0], left: [-1, 0], top: [0, -1], bottom: [0, 1] };
const SIDE_NAMES: Readonly<Record<FieldSide, string>> = {
  right: "on the right",
  left: "on the left",
  top: "at the top",
  bottom: "at the bottom",
};
const EDGE_NAMES = { image: "image border", edge: "edge inside the image" } as const;

export function levelMargins(crop: CropCheck, size: PixelSize): LevelMargin[] {
  const unseen = crop.evidence.unseen ?? [];
  return Object.entries(crop.evidence.narrowest ?? {}).map(([level, { at, side, kind }]) => {
    const levelCrop = crop.levels[level];
    const margin = levelCrop?.margin_mm ?? levelCrop?.margin_px ?? null;
    const text = unseen.includes(level) ? "all black, not assessable" : marginText(margin, crop.evidence.unit);
    const to = margin === null ? null : offsetPoint(at, side, margin, size);
    const where = `${EDGE_NAMES[kind]} ${SIDE_NAMES[side]}`;
    return { level, from: at, to, side, verdict: levelCrop?.verdict ?? "unknown", text, where };
  });
}

/** Merge margins at the same position, where two levels share a line, so that they get one label. */
export function mergeSharedLabels(margins: readonly LevelMargin[]): LevelMargin[] {
  const shared = new Map<string, LevelMargin>();
  for (const item of margins) {
    const position = item.from.join();
    const other = shared.get(position);
    shared.set(position, other === undefined ? item : { ...other, level: `${other.level}, ${item.level}` });
  }
  return [...shared.values()];
}

/** Return the lines that leave the field of view before the aortic wall, with the point where they do. */
export function findLostLines(crop: CropCheck): LostLine[] {
  const leaving = (crop.evidence.lines ?? []).filter((line) => line.leaves);
  return leaving.map((line) => ({
    name: line.name,
    at: line.field_end ?? line.at,
    text: `${line.name}: ${marginText(line.margin, crop.evidence.unit)}, ${EDGE_NAMES[line.kind]} ${SIDE_NAMES[line.side]}`,
  }));
}

function marginText(margin: number | null, unit = "mm"): string {
  if (margin === null) return "not determined";
  // 9.95 rounds to 10.0, which is shown without decimals.
  const size = `${Math.abs(margin).toFixed(Math.abs(margin) < 9.95 ? 1 : 0)} ${unit}`;
  return margin < 0 ? `${size} short` : size;
}

function offsetPoint(at: Pair, side: FieldSide, distance: number, { across, down }: PixelSize): Pair {
  const [dx, dy] = DIRECTIONS[side];
  return [at[0] + (dx * distance) / across, at[1] + (dy * distance) / down];
}

/** What the crop check rests on, as places to draw and words to write. Pure. */

import type { Pair } from "./marks";
import type { PixelSize } from "../pixelsize";

/** `borderline`: the field ends too near the aorta's front to tell; `unknown`: not judged. */
export type CropVerdict = "ok" | "cropped" | "borderline" | "unknown";
export type FieldSide = "right" | "left" | "top" | "bottom";

interface FieldEnd {
  readonly at: Pair;
  readonly side: FieldSide;
  readonly kind: "image" | "edge";
}

interface CropLine extends FieldEnd {
  readonly name: string;
  readonly margin: number;
  readonly leaves: boolean;
  readonly field_end: Pair | null;
}

export interface LevelCrop {
  readonly verdict: CropVerdict;
  readonly margin_mm: number | null;
  readonly margin_px: number | null;
}

export interface CropCheck {
  readonly method: string;
  readonly verdict: CropVerdict;
  readonly levels: Readonly<Record<string, LevelCrop>>;
  readonly evidence: {
    readonly front?: readonly Pair[];
    readonly front_near?: readonly Pair[];
    readonly front_far?: readonly Pair[];
    readonly lines?: readonly CropLine[];
    readonly narrowest?: Readonly<Record<string, FieldEnd>>;
    readonly unseen?: readonly string[];
    readonly unit?: "mm" | "px";
    readonly vertenet?: { readonly verdict: string };
  };
}

/** Where a level's room before the aorta's expected front is narrowest: from the front to the field's end. */
export interface Room {
  readonly level: string;
  readonly from: Pair;
  readonly to: Pair | null;
  readonly side: FieldSide;
  readonly verdict: CropVerdict;
  readonly text: string;
  readonly where: string;
}

export interface Loss {
  readonly name: string;
  readonly at: Pair;
  readonly text: string;
}

const BEYOND: Readonly<Record<FieldSide, Pair>> = { right: [1, 0], left: [-1, 0], top: [0, -1], bottom: [0, 1] };
const SIDES: Readonly<Record<FieldSide, string>> = {
  right: "on the right",
  left: "on the left",
  top: "at the top",
  bottom: "at the bottom",
};
const KINDS = { image: "the image's border", edge: "an edge inside the image" } as const;

export function roomsOf(crop: CropCheck, size: PixelSize): Room[] {
  const unseen = crop.evidence.unseen ?? [];
  return Object.entries(crop.evidence.narrowest ?? {}).map(([level, { at, side, kind }]) => {
    const found = crop.levels[level];
    const margin = found?.margin_mm ?? found?.margin_px ?? null;
    const text = unseen.includes(level) ? "all black, not seen" : marginText(margin, crop.evidence.unit);
    const to = margin === null ? null : stepped(at, side, margin, size);
    const where = `${KINDS[kind]} ${SIDES[side]}`;
    return { level, from: at, to, side, verdict: found?.verdict ?? "unknown", text, where };
  });
}

/** Rooms with the same narrowest place share one label: two levels meet in a line. */
export function labelled(rooms: readonly Room[]): Room[] {
  const shared = new Map<string, Room>();
  for (const room of rooms) {
    const place = room.from.join();
    const other = shared.get(place);
    shared.set(place, other === undefined ? room : { ...other, level: `${other.level}, ${room.level}` });
  }
  return [...shared.values()];
}

/** The lines that leave the field before the front, each with the place where it does. */
export function lossesOf(crop: CropCheck): Loss[] {
  const leaving = (crop.evidence.lines ?? []).filter((line) => line.leaves);
  return leaving.map((line) => ({
    name: line.name,
    at: line.field_end ?? line.at,
    text: `${line.name}: ${marginText(line.margin, crop.evidence.unit)}, ${KINDS[line.kind]} ${SIDES[line.side]}`,
  }));
}

function marginText(margin: number | null, unit = "mm"): string {
  if (margin === null) return "cannot be told";
  const size = `${Math.abs(margin).toFixed(Math.abs(margin) < 9.95 ? 1 : 0)} ${unit}`;
  return margin < 0 ? `${size} short` : size;
}

function stepped(at: Pair, side: FieldSide, distance: number, { across, down }: PixelSize): Pair {
  const [dx, dy] = BEYOND[side];
  return [at[0] + (dx * distance) / across, at[1] + (dy * distance) / down];
}

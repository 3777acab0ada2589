/** Types of the JSON that the reading endpoints exchange. */

import type { Bodies, GuideLine } from "../viewer/overlay/marks";
import type { ImageInfo } from "../viewer/viewer";
import type { Window } from "../viewer/window";
import type { Drawing } from "./measuring/drawing";

export type Level = "L1" | "L2" | "L3" | "L4";
export type Wall = "posterior" | "anterior";
export type CellId = `${Level}_${Wall}`;
export type Score = 0 | 1 | 2 | 3;

export interface Cell {
  readonly score: Score | null;
  readonly validity: number | null;
  readonly reason: string;
  readonly version: number;
}

export interface ReadingImage extends ImageInfo {
  readonly scanner: string;
}

/** The stored traces of a reading, as the server sends them. */
export interface StoredMeasurement extends Drawing {
  readonly version: number;
}

export type Arm = "unguided" | "guided" | "measured" | "guided measured";

export interface Reading {
  readonly id: string;
  readonly arm: Arm;
  readonly period: number;
  readonly position: number;
  readonly total: number;
  readonly state: "waiting" | "open" | "submitted";
  readonly image: ReadingImage;
  readonly cells: Readonly<Record<CellId, Cell>>;
  readonly comment: string;
  readonly comment_version: number;
  readonly guides_allowed: boolean;
  /** Null or absent in arms in which plaques are not measured. */
  readonly measurement?: StoredMeasurement | null;
  readonly boundary: "lower" | "upper";
  readonly validity_codes: readonly { readonly code: number; readonly label: string }[];
}

export interface Progress {
  readonly read: number;
  readonly total: number;
  readonly period: number;
  readonly periods: number;
  readonly minutes_left: number | null;
}

export interface Waiting {
  readonly code: string;
  readonly message: string;
  readonly opens_at: string | null;
}

/** Where a reader stands in a study: progress, the current and the next reading, or why there is none. */
export interface ReadingOverview {
  readonly study: { readonly name: string; readonly slug: string };
  readonly progress: Progress;
  readonly current: Reading | null;
  readonly next: { readonly id: string } | null;
  readonly waiting: Waiting | null;
}

export interface Guides {
  readonly guides: readonly GuideLine[];
  readonly landmarks: Bodies;
  readonly level_doubt: { readonly reason: string; readonly detail: string } | null;
  readonly note: string | null;
}

export interface Preferences {
  readonly keys?: Readonly<Record<string, string>>;
  readonly windows?: Readonly<Record<string, Window>>;
  readonly guide_strength?: number;
}

/** The data of the review page, which the server writes into the page. */

import type { Guide, Image } from "../schema";
import type { Pair } from "../viewer/overlay/marks";

export interface ReviewedCell {
  readonly score: number | null;
  readonly validity: number | null;
  readonly reason: string;
}

export interface ReviewedReading {
  readonly reader: string;
  readonly cells: Readonly<Record<string, ReviewedCell>>;
  readonly total: number | null;
  readonly group: string | null;
  readonly comment: string;
  readonly traces: readonly (readonly Pair[])[];
}

export interface LevelShift {
  readonly readers: readonly [string, string];
  readonly text: string;
}

export interface ReviewedCase {
  readonly image: Image;
  readonly image_version: number;
  readonly guides: readonly Guide[];
  readonly readings: readonly ReviewedReading[];
  readonly pixels: string;
  /** The two readers to show first; fewer where the case has fewer readings. */
  readonly pair: readonly string[];
  readonly hints: readonly LevelShift[];
}

export interface AdjudicatedCell {
  readonly score: number | null;
  readonly validity: number;
}

/** The data of the page of an adjudication; `originals` are empty where the protocol hides them. */
export interface AdjudicationData {
  readonly id: string;
  readonly cells: Readonly<Record<string, AdjudicatedCell>>;
  readonly submitted_at: string | null;
  readonly image: Image;
  readonly image_version: number;
  readonly guides: readonly Guide[];
  readonly originals: readonly { readonly name: string; readonly cells: Readonly<Record<string, AdjudicatedCell>> }[];
  readonly validity_codes: readonly { readonly code: number; readonly label: string }[];
  readonly api: string;
  readonly list: string;
}

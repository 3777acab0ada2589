/** Types of the JSON that the case and upload endpoints exchange. */

import type { CropCheck, CropVerdict } from "../viewer/overlay/cropmarks";
import type { Bodies, GuideLine } from "../viewer/overlay/marks";
import type { ImageInfo } from "../viewer/viewer";

export interface Reason {
  readonly code: string;
  readonly text: string;
  readonly detail?: string;
}

export type CaseState = "received" | "pending_review" | "analysing" | "ready" | "failed" | "excluded" | "rejected";
export type CaseAction =
  | "release"
  | "undo_release"
  | "reject"
  | "accept"
  | "exclude"
  | "move_corners"
  | "shift_levels"
  | "flip_side"
  | "analyse";

export interface Case {
  readonly id: string;
  readonly label: string;
  readonly patient: string;
  readonly state: CaseState;
  readonly state_label?: string;
  readonly reason: Reason | null;
  readonly site: { readonly code: string; readonly name: string };
  readonly scanner: string;
  readonly acquired_shifted: string | null;
  readonly doubt: { readonly reason: string; readonly detail: string; readonly accepted: boolean } | null;
  readonly anterior: "right" | "left" | null;
  readonly crop_verdict: CropVerdict | null;
  readonly thumbnail: string | null;
  /** Version of the pixels; part of their address, because browsers cache them. */
  readonly image_version: number | null;
  readonly actions: readonly CaseAction[];
  readonly dealt: boolean;
  readonly uploaded_at: string;
}

/** One page of a list of cases; `count` is the number of cases on all pages together. */
export interface CasePage {
  readonly results: readonly Case[];
  readonly count: number;
  readonly page: number;
  readonly pages: number;
}

export interface LandmarkSet {
  readonly version: number;
  readonly source: string;
  readonly model: { readonly name: string; readonly checksum: string; readonly training_note: string } | null;
  readonly landmarks: Bodies;
  readonly guides: readonly GuideLine[];
  readonly crop: CropCheck;
  readonly morphometry: Readonly<Record<string, unknown>>;
  readonly level_doubt: { readonly reason: string; readonly detail: string } | null;
  readonly warnings: readonly { readonly code: string; readonly text: string }[];
  readonly confidence: Readonly<Record<string, number | null>>;
}

export interface Version {
  readonly version: number;
  readonly source: string;
  readonly text: string;
  readonly by: string;
  readonly at: string;
  readonly parent: number | null;
  readonly reason: string;
  readonly moves: Moves | null;
}

/** Changes that a person made to the previous version: counts of corners, and distances in `unit`. */
export interface Moves {
  readonly moved: number;
  readonly added: number;
  readonly removed: number;
  readonly mean: number;
  readonly most: number;
  readonly unit: "mm" | "px";
}

export interface CaseDetail extends Case {
  readonly patient_warning?: string | null;
  readonly image: ImageInfo | null;
  readonly landmark_set: LandmarkSet | null;
  readonly history: readonly Version[];
  readonly former_images: readonly FormerImage[];
}

/** A former version of the image, replaced after its DICOM header was corrected. */
export interface FormerImage {
  readonly version: number;
  readonly replaced_at: string;
  readonly changes: string;
}

export interface Upload {
  readonly id: string;
  readonly name: string;
  readonly status: "accepted" | "pending_review" | "replaced" | "rejected" | "duplicate";
  readonly at: string;
  readonly reason: Reason | null;
  readonly case: Case | null;
}

export interface UploadCounts extends Readonly<Record<Upload["status"], number>> {
  readonly to_analyse: number;
  readonly analysing: number;
}

/** The newest uploads, a page of older ones, or the uploads that changed since `cursor`. */
export interface UploadList {
  readonly results: readonly Upload[];
  readonly counts: UploadCounts;
  readonly cursor: string;
  readonly more: boolean;
}

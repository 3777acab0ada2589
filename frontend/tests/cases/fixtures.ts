import type { Case, CaseDetail, CaseState, LandmarkSet } from "../../src/cases/contract";
import type { BodyCorners } from "../../src/viewer/overlay/marks";

const STATE_LABELS: Readonly<Record<CaseState, string>> = {
  received: "waiting for analysis",
  analysing: "being analysed",
  ready: "ready",
  pending_review: "pending de-identification review",
  failed: "analysis failed",
  excluded: "excluded",
  rejected: "rejected",
};

export function caseWith(changes: Partial<Case> = {}): Case {
  const { state = "ready" } = changes;
  return {
    id: "c1",
    label: "C0001",
    patient: "P01",
    state,
    state_label: STATE_LABELS[state],
    reason: null,
    site: { code: "A", name: "North Hospital" },
    scanner: "iDXA",
    acquired_shifted: "2026-03-01",
    level_uncertainty: null,
    corners_confirmed: null,
    anterior: "right",
    crop_verdict: "ok",
    thumbnail: null,
    image_version: 1,
    practice: false,
    actions: ["move_corners", "shift_levels", "flip_side", "exclude"],
    assigned: false,
    uploaded_at: "2026-11-29T08:00:00Z",
    ...changes,
  };
}

function body(top: number): BodyCorners {
  return {
    superior_posterior: [2, top],
    superior_anterior: [8, top],
    inferior_posterior: [2, top + 2],
    inferior_anterior: [8, top + 2],
    confidence: 0.9,
  };
}

export function landmarkSet(version = 1): LandmarkSet {
  return {
    id: "s1",
    version,
    source: "model",
    anterior: "right",
    model: { name: "demo", checksum: "0123456789abcdef", training_note: "trained on phantoms" },
    landmarks: { T12: body(1), L1: body(5), L2: body(9), L3: body(13), L4: body(17), L5: null },
    guides: [],
    crop: { method: "field", verdict: "ok", levels: {}, evidence: {} },
    morphometry: {
      T12: null,
      L1: { posterior_height_mm: 25.04, anterior_height_mm: 24.2, wedge: 0.03, reverse_wedge: 0, crush: 0, grade: "normal" },
      L2: null,
      L3: null,
      L4: null,
      L5: null,
      lordosis_deg: 49.3,
    },
    level_uncertainty: null,
    names: null,
    warnings: [{ code: "w", text: "L5 was not detected." }],
    confidence: { L1: 0.912, L5: null },
  };
}

export function caseDetail(changes: Partial<CaseDetail> = {}): CaseDetail {
  return {
    ...caseWith(changes),
    patient_warning: null,
    image: { width: 12, height: 24, bits: 8, windows: [], invert: false, spacing_mm: [1, 0.5], pixel_aspect: 2, anterior: "right" },
    landmark_set: landmarkSet(),
    history: [
      { version: 1, source: "model", text: "located by the network", by: "network", at: "2026-11-29T08:00:00Z", parent: null, reason: "", moves: null },
    ],
    former_images: [],
    ...changes,
  };
}

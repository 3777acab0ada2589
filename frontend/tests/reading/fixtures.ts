import type { Cell, CellId, Reading } from "../../src/reading/contract";
import type { KeyValueStorage } from "../../src/reading/saving/outboxstore";

export const NO_BODIES = { T12: null, L1: null, L2: null, L3: null, L4: null, L5: null };
export const EMPTY: Cell = { score: null, validity: null, reason: "", version: 0 };

export function reading(anterior: "right" | "left" = "right", cells: Partial<Record<CellId, Cell>> = {}): Reading {
  const all = {
    L1_posterior: EMPTY,
    L1_anterior: EMPTY,
    L2_posterior: EMPTY,
    L2_anterior: EMPTY,
    L3_posterior: EMPTY,
    L3_anterior: EMPTY,
    L4_posterior: EMPTY,
    L4_anterior: EMPTY,
  };
  return {
    id: "r1",
    name: "reading 1, period 1",
    arm: "guided",
    sequence: null,
    period: 1,
    position: 1,
    total: 24,
    state: "open",
    in_revision: false,
    reopened: "",
    image: { width: 2, height: 3, bits: 8, windows: [], invert: false, spacing_mm: null, pixel_aspect: 1, anterior, scanner: "s" },
    cells: { ...all, ...cells },
    aac8: null,
    comment: "",
    comment_version: 0,
    guides_allowed: true,
    measurement: null,
    boundary: "lower",
    display: { anterior: "", between_cases: "reset", minimum_image_px: 0 },
    validity_codes: [{ code: 3, label: "Noise" }],
  };
}

/** Return a key-value storage in memory. */
export function createStorage(): KeyValueStorage {
  const items = new Map<string, string>();
  return {
    get length() { return items.size; },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => { items.set(key, value); },
    removeItem: (key) => { items.delete(key); },
  };
}

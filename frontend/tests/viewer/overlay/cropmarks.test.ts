import { describe, expect, it } from "vitest";
import type { CropCheck } from "../../../src/viewer/overlay/cropmarks";
import { mergeSharedLabels, findLostLines, levelMargins } from "../../../src/viewer/overlay/cropmarks";
import { SQUARE_PIXELS, pixelSize } from "../../../src/viewer/pixelsize";

const MM = pixelSize({ spacing_mm: [1, 0.5], pixel_aspect: 2 });

const CROP: CropCheck = {
  method: "field",
  verdict: "cropped",
  levels: {
    L1: { verdict: "ok", margin_mm: 12.3, margin_px: null },
    L2: { verdict: "cropped", margin_mm: -4, margin_px: null },
    L3: { verdict: "unknown", margin_mm: null, margin_px: null },
    L4: { verdict: "unknown", margin_mm: null, margin_px: null },
  },
  evidence: {
    unit: "mm",
    unseen: ["L3"],
    narrowest: {
      L1: { at: [50, 10], side: "right", kind: "image" },
      L2: { at: [60, 40], side: "right", kind: "edge" },
      L3: { at: [60, 70], side: "left", kind: "image" },
    },
    lines: [
      { name: "L1/L2", margin: 3, leaves: false, field_end: null, at: [50, 20], side: "right", kind: "image" },
      { name: "L2 1/3", margin: -4, leaves: true, field_end: [52, 30], at: [60, 30], side: "right", kind: "edge" },
      { name: "L2 2/3", margin: -11.6, leaves: true, field_end: null, at: [61, 35], side: "bottom", kind: "image" },
    ],
  },
};

describe("cropmarks", () => {
  it("draws margins from the wall to the edge of the field, backwards where the field ends before it", () => {
    const [l1, l2, l3] = levelMargins(CROP, MM);
    expect([l1?.text, l1?.from, l1?.to]).toEqual(["12 mm", [50, 10], [74.6, 10]]);
    expect([l2?.text, l2?.to, l2?.where]).toEqual(["4.0 mm short", [52, 40], "edge inside the image on the right"]);
    expect([l3?.text, l3?.to]).toEqual(["all black, not assessable", null]);
  });

  it("merges the labels of two levels with their smallest margin at the same position", () => {
    const [room] = levelMargins(CROP, SQUARE_PIXELS);
    if (room === undefined) throw new Error("no margin");
    const below = { ...room, level: "L2" };
    expect(mergeSharedLabels([room, below, { ...below, level: "L3", from: [51, 30] }]).map(({ level }) => level)).toEqual(["L1, L2", "L3"]);
  });

  it("describes where and by how much each line leaves the field", () => {
    expect(findLostLines(CROP)).toEqual([
      { name: "L2 1/3", at: [52, 30], text: "L2 1/3: 4.0 mm short, edge inside the image on the right" },
      { name: "L2 2/3", at: [61, 35], text: "L2 2/3: 12 mm short, image border at the bottom" },
    ]);
  });

  it("gives borderline levels a margin like any other, on either side of the expected wall", () => {
    const close: CropCheck = {
      ...CROP,
      verdict: "borderline",
      levels: { L1: { verdict: "borderline", margin_mm: 5.2, margin_px: null }, L2: { verdict: "borderline", margin_mm: -3, margin_px: null } },
    };
    const [l1, l2] = levelMargins(close, MM);
    expect([l1?.verdict, l1?.text]).toEqual(["borderline", "5.2 mm"]);
    expect([l2?.verdict, l2?.text]).toEqual(["borderline", "3.0 mm short"]);
  });

  it("draws nothing where a rule left no evidence", () => {
    const bare: CropCheck = { method: "vertenet", verdict: "ok", levels: {}, evidence: {} };
    expect([levelMargins(bare, SQUARE_PIXELS), findLostLines(bare)]).toEqual([[], []]);
  });
});

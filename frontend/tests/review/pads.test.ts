import { describe, expect, it } from "vitest";
import { openPad, storedCells } from "../../src/review/adjudicationpage";
import type { AdjudicationData } from "../../src/review/contract";
import { cellMark, differs, wallColumns } from "../../src/review/pads";
import { setMark } from "../../src/reading/padstate";

const DATA: AdjudicationData = {
  id: "a",
  cells: { L1_posterior: { score: 2, validity: 0 }, L1_anterior: { score: null, validity: 3 } },
  submitted_at: null,
  image: { width: 8, height: 8, bits: 8, windows: [], invert: false, spacing_mm: null, pixel_aspect: 1, anterior: "left" },
  image_version: 1,
  guides: [],
  originals: [],
  validity_codes: [{ code: 3, label: "Noise" }],
  api: "/api/v1/adjudications/a/",
  list: "/",
};

describe("two score pads", () => {
  it("have the walls on the sides of the image", () => {
    expect(wallColumns("left")).toEqual(["anterior", "posterior"]);
    expect(wallColumns("right")).toEqual(["posterior", "anterior"]);
  });

  it("mark cells with different values, but not missing ones", () => {
    const two = { score: 2, validity: 0, reason: "" };
    const unreadable = { score: null, validity: 3, reason: "noise" };
    expect(differs(two, { ...two, score: 3 })).toBe(true);
    expect(differs(two, unreadable)).toBe(true);
    expect(differs(unreadable, { ...unreadable, validity: 5 })).toBe(false);
    expect(differs(two, undefined)).toBe(false);
    expect([two, unreadable, undefined].map(cellMark)).toEqual(["2", "\u2715", "\u2013"]);
  });
});

describe("the pad of an adjudication", () => {
  it("opens with the stored scores at the first empty cell in the order of the image", () => {
    const pad = openPad(DATA);
    expect(pad.columns).toEqual(["anterior", "posterior"]);
    expect(pad.cells.L1_posterior.score).toBe(2);
    expect(pad.cells.L1_anterior.validity).toBe(3);
    expect(pad.current).toBe("L2_anterior");
  });

  it("has no selected cell once the case was submitted", () => {
    expect(openPad({ ...DATA, submitted_at: "2026-11-30T12:00:00Z" }).current).toBeNull();
  });

  it("sends filled cells only", () => {
    const pad = setMark(openPad(DATA), "L4_anterior", { score: 0 });
    expect(storedCells(pad)).toEqual([
      { cell: "L1_anterior", score: null, validity: 3 },
      { cell: "L1_posterior", score: 2, validity: 0 },
      { cell: "L4_anterior", score: 0, validity: 0 },
    ]);
  });
});

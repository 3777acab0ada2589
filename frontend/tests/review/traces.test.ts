// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import type { ReviewedReading } from "../../src/review/contract";
import { traceGroup, traceKey } from "../../src/review/traces";
import { Overlay } from "../../src/viewer/overlay/overlay";

const READING: ReviewedReading = {
  reader: "R01",
  cells: {},
  total: null,
  group: null,
  comment: "",
  traces: [
    [[30, 70], [31, 80]],
    [[10, 60], [12, 65]],
  ],
};

function drawn(...readers: readonly string[]): SVGElement {
  const overlay = new Overlay();
  overlay.setPlaques(readers.map((reader, index) => traceGroup({ ...READING, reader }, index === 0 ? 0 : 1)));
  return overlay.svg;
}

function classesOf(svg: SVGElement): (string | null)[] {
  return [...svg.querySelectorAll("polyline")].map((line) => line.getAttribute("class"));
}

describe("traces of two readers", () => {
  it("differ in the style of the line, with the halos below all of them", () => {
    const solid = ["plaque solid", "plaque solid"];
    const dashed = ["plaque dashed", "plaque dashed"];
    expect(classesOf(drawn("R01", "R02"))).toEqual([...Array<string>(4).fill("plaque-halo"), ...solid, ...dashed]);
  });

  it("have the label of their reader beside them", () => {
    const labels = [...drawn("R01", "R02").querySelectorAll("text")];
    expect(labels.map((label) => [label.textContent, label.getAttribute("class")])).toEqual([
      ["R01", "plaque-name solid"],
      ["R02", "plaque-name dashed"],
    ]);
  });

  it("have a sample of the same style in the legend", () => {
    for (const [index, style] of [[0, "solid"], [1, "dashed"]] as const) {
      expect(traceKey(index).querySelector("line")?.getAttribute("class")).toBe(`plaque ${style}`);
    }
  });

  it("have no label without lines", () => {
    const overlay = new Overlay();
    overlay.setPlaques([traceGroup({ ...READING, traces: [] }, 0)]);
    expect(overlay.svg.querySelectorAll("text, polyline")).toHaveLength(0);
  });
});

describe("plaques of a reference standard", () => {
  it("have neither a style nor a label", () => {
    const overlay = new Overlay();
    overlay.setPlaques([{ lines: READING.traces }]);
    expect(classesOf(overlay.svg)).toEqual(["plaque-halo", "plaque-halo", "plaque", "plaque"]);
    expect(overlay.svg.querySelector("text")).toBeNull();
  });
});

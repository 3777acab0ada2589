import { describe, expect, it } from "vitest";
import { gradeOfShare, measureTraces, mergeIntervals, traceLength } from "../../../src/reading/measuring/geometry";
import type { Boundary, CellLengths, Measures, Rule, Trace } from "../../../src/reading/measuring/geometry";
import type { CellId } from "../../../src/reading/contract";
import stored from "../../../../tests/sessions/measuring/vectors.json";

interface Vector {
  readonly traces: readonly Trace[];
  readonly boundaries: readonly Boundary[];
  readonly across: number;
  readonly down: number;
  readonly rule: Rule;
  readonly expected: Measures;
}

const VECTORS = stored as unknown as Vector[];

function expectEqual(measured: CellLengths, expected: CellLengths): void {
  expect(measured.grade).toBe(expected.grade);
  for (const name of ["calcified", "wall"] as const) {
    if (expected[name] === null) expect(measured[name]).toBeNull();
    else expect(measured[name]).toBeCloseTo(expected[name], 8);
  }
}

describe("measureTraces", () => {
  it("measures the shared vectors as the server does", () => {
    expect(VECTORS.length).toBeGreaterThan(50);
    for (const { traces, boundaries, across, down, rule, expected } of VECTORS) {
      const measured = measureTraces(traces, boundaries, { across, down, unit: "mm" }, rule);
      expect(measured.aac8).toEqual(expected.aac8);
      expect([measured.cells.all_posterior.grade, measured.cells.all_anterior.grade]).toEqual([expected.aac8.posterior, expected.aac8.anterior]);
      for (const [id, lengths] of Object.entries(expected.cells)) expectEqual(measured.cells[id as CellId], lengths);
    }
  });

  it("grades every cell 0 without traces, also before the boundaries are set", () => {
    const { cells } = measureTraces([], [], { across: 1, down: 1, unit: "px" }, "lower");
    expect(Object.values(cells).map((cell) => cell.grade)).toEqual(Array(10).fill(0));
  });

  it("treats a trace without a measurable length as no calcification", () => {
    const lines = [0, 30, 60, 90, 120].map((y): Boundary => [[0, y], [60, y]]);
    const trace: Trace = { wall: "anterior", points: [[20, 0], [20, 1e-285]] };
    const { cells } = measureTraces([trace], lines, { across: 1, down: 1, unit: "px" }, "lower");
    expect(cells.L1_anterior).toEqual({ calcified: 0, wall: null, grade: 0 });
  });
});

describe("parts", () => {
  it("merges overlapping and touching intervals", () => {
    expect(mergeIntervals([[5, 6], [0, 2], [2, 3]])).toEqual([[0, 3], [5, 6]]);
  });

  it("assigns exact thirds by the rule", () => {
    expect([gradeOfShare(1 / 3, "lower"), gradeOfShare(1 / 3, "upper")]).toEqual([1, 2]);
  });

  it("adds up the segments of a trace in true proportions", () => {
    expect(traceLength([[0, 0], [3, 2], [3, 4]], { across: 1, down: 2, unit: "mm" })).toBe(9);
  });
});

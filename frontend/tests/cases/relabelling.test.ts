import { describe, expect, it } from "vitest";
import { DIRECTIONS, describeChanges } from "../../src/cases/relabelling";
import type { Bodies, BodyCorners } from "../../src/viewer/overlay/marks";

function body(top: number): BodyCorners {
  return {
    superior_posterior: [0, top],
    superior_anterior: [9, top],
    inferior_posterior: [0, top + 8],
    inferior_anterior: [9, top + 8],
    confidence: 0.9,
  };
}

describe("relabelling", () => {
  it("names the direction in which the labels move on the image", () => {
    const before: Bodies = { T12: body(0), L1: body(10), L2: body(20), L3: null, L4: null, L5: null };
    const cranially: Bodies = { T12: null, L1: body(0), L2: body(10), L3: body(20), L4: null, L5: null };
    const rowOf = (bodies: Bodies): number => bodies["L1"]?.superior_posterior?.[1] ?? NaN;
    expect(rowOf(cranially)).toBeLessThan(rowOf(before));
    expect(DIRECTIONS.find(({ by }) => by === 1)?.label).toBe("Relabel levels cranially");
    expect(describeChanges(before, cranially)).toEqual(["T12 becomes L1", "L1 becomes L2", "L2 becomes L3"]);
  });

  it("describes labels that are lost and gained", () => {
    const before: Bodies = { L4: body(10), L5: body(20) };
    const after: Bodies = { L4: body(0), L5: body(10) };
    expect(describeChanges(before, after)).toEqual([
      "L4 becomes L5", "L5 loses its label", "L4 is assigned to an unlabelled vertebra",
    ]);
  });
});

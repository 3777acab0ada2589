import { describe, expect, it } from "vitest";
import { gapInSight } from "../../../src/viewer/overlay/labelplace";

describe("gapInSight", () => {
  it("keeps a label on its side while it has room there", () => {
    expect(gapInSight(100, -8, 60, 330)).toBe(-8);
    expect(gapInSight(100, 8, 60, 330)).toBe(8);
  });

  it("turns a label that the viewer would cut off", () => {
    expect(gapInSight(10, -8, 60, 330)).toBe(8);
    expect(gapInSight(300, 8, 60, 330)).toBe(-8);
    expect(gapInSight(-1, -8, 60, 330)).toBe(8);
  });

  it("turns none that has room on neither side", () => {
    expect(gapInSight(30, -8, 60, 70)).toBe(-8);
  });

  it("draws no label into sight whose place is out of it", () => {
    expect(gapInSight(-9, -8, 60, 330)).toBe(-8);
    expect(gapInSight(339, 8, 60, 330)).toBe(8);
  });
});

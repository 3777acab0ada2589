import { describe, expect, it } from "vitest";
import { labelOffset } from "../../../src/viewer/overlay/labelposition";

describe("gapInSight", () => {
  it("keeps a label on its side while it has room there", () => {
    expect(labelOffset(100, -8, 60, 330)).toBe(-8);
    expect(labelOffset(100, 8, 60, 330)).toBe(8);
  });

  it("turns a label that the viewer would cut off", () => {
    expect(labelOffset(10, -8, 60, 330)).toBe(8);
    expect(labelOffset(300, 8, 60, 330)).toBe(-8);
    expect(labelOffset(-1, -8, 60, 330)).toBe(8);
  });

  it("turns none that has room on neither side", () => {
    expect(labelOffset(30, -8, 60, 70)).toBe(-8);
  });

  it("draws no label into sight whose place is out of it", () => {
    expect(labelOffset(-9, -8, 60, 330)).toBe(-8);
    expect(labelOffset(339, 8, 60, 330)).toBe(8);
  });
});

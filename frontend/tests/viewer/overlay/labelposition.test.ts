import { describe, expect, it } from "vitest";
import { labelOffset } from "../../../src/viewer/overlay/labelposition";

describe("labelOffset", () => {
  it("keeps a label on its side while it fits", () => {
    expect(labelOffset(100, -8, 60, 330)).toBe(-8);
    expect(labelOffset(100, 8, 60, 330)).toBe(8);
  });

  it("moves a label that would be cut off to the other side", () => {
    expect(labelOffset(10, -8, 60, 330)).toBe(8);
    expect(labelOffset(300, 8, 60, 330)).toBe(-8);
    expect(labelOffset(-1, -8, 60, 330)).toBe(8);
  });

  it("keeps a label that fits on neither side", () => {
    expect(labelOffset(30, -8, 60, 70)).toBe(-8);
  });

  it("does not show labels of points outside the viewer", () => {
    expect(labelOffset(-9, -8, 60, 330)).toBe(-8);
    expect(labelOffset(339, 8, 60, 330)).toBe(8);
  });
});

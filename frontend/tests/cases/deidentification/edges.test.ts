import { describe, expect, it } from "vitest";
import { edgeStrips } from "../../../src/cases/deidentification/edges";

describe("edgeStrips", () => {
  it("covers all four edges over their whole length", () => {
    const { top, bottom, left, right } = edgeStrips({ width: 808, height: 1768 });
    expect(top).toEqual({ left: 0, top: 0, width: 808, height: 96 });
    expect(bottom).toEqual({ left: 0, top: 1672, width: 808, height: 96 });
    expect(left).toEqual({ left: 0, top: 0, width: 96, height: 1768 });
    expect(right).toEqual({ left: 712, top: 0, width: 96, height: 1768 });
  });

  it("stays inside a small image", () => {
    const { top, bottom, right } = edgeStrips({ width: 80, height: 64 });
    expect(top).toEqual({ left: 0, top: 0, width: 80, height: 32 });
    expect(bottom.top + bottom.height).toBe(64);
    expect(right.left + right.width).toBe(80);
  });
});

import { describe, expect, it } from "vitest";
import { mirrorGuides, mirrorValues } from "../../src/viewer/mirror";

describe("mirroring", () => {
  it("reverses each row and leaves the original unchanged", () => {
    const values = Uint16Array.from([1, 2, 3, 4, 5, 6]);
    expect([...mirrorValues(values, 3)]).toEqual([3, 2, 1, 6, 5, 4]);
    expect([...values]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(mirrorValues(Uint8Array.from([1, 2]), 2)).toBeInstanceOf(Uint8Array);
  });

  it("moves guides with the pixels, whose centres are at integers", () => {
    const line = { name: "T12/L1", kind: "guide", posterior: [0, 5], anterior: [2, 6], end: [9, 7] } as const;
    expect(mirrorGuides([line], 10)).toEqual([{ ...line, posterior: [9, 5], anterior: [7, 6], end: [0, 7] }]);
    expect(mirrorGuides(mirrorGuides([line], 10), 10)).toEqual([line]);
  });
});

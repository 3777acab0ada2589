import { describe, expect, it } from "vitest";
import type { GuideLine } from "../../../src/viewer/overlay/marks";
import { bandOf, outlineOf } from "../../../src/viewer/overlay/marks";

function line(name: string, y: number): GuideLine {
  return { name, kind: "guide", posterior: [0, y], anterior: [10, y], end: [20, y] };
}

describe("marks", () => {
  it("band of a level lies between the guides above and below it", () => {
    const guides = [line("T12/L1", 0), line("L1/L2", 5), line("L2/L3", 9)];
    expect(bandOf(guides, "L1")).toEqual([[0, 0], [20, 0], [20, 5], [0, 5]]);
    expect(bandOf(guides, "L2")?.[2]).toEqual([20, 9]);
  });

  it("band is null where a guide is missing", () => {
    expect(bandOf([line("T12/L1", 0)], "L1")).toBeNull();
  });

  it("outline leaves out corners outside the image", () => {
    const body = {
      superior_posterior: [0, 0] as const,
      superior_anterior: null,
      inferior_anterior: [4, 3] as const,
      inferior_posterior: [0, 3] as const,
      confidence: 0.9,
    };
    expect(outlineOf(body)).toEqual([[0, 0], [4, 3], [0, 3]]);
  });
});

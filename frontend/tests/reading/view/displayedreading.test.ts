import { describe, expect, it } from "vitest";
import type { Display } from "../../../src/reading/contract";
import { startPad } from "../../../src/reading/padstate";
import type { LoadedReading } from "../../../src/reading/saving/readingcache";
import { displayedReading } from "../../../src/reading/view/displayedreading";
import { NO_BODIES, reading } from "../fixtures";

const line = { name: "T12/L1", kind: "guide", posterior: [0, 1], anterior: [1, 1], end: [1, 1] } as const;

function loaded(side: "right" | "left", anterior: Display["anterior"]): LoadedReading {
  return {
    reading: { ...reading(side), display: { anterior, between_cases: "reset", minimum_image_px: 0 } },
    values: Uint8Array.from([1, 2, 3, 4, 5, 6]),
    guides: { guides: [line], landmarks: NO_BODIES, level_uncertainty: null, note: "" },
  };
}

describe("displayed reading", () => {
  it.each([["right", ""], ["right", "right"], ["left", ""], ["left", "left"]] as const)("leaves an image with anterior %s when the study shows %s", (side, shown) => {
    const original = loaded(side, shown);
    expect(displayedReading(original)).toBe(original);
  });

  it("mirrors image, guides and pad together where the sides differ", () => {
    const original = loaded("left", "right");
    const shown = displayedReading(original);
    expect([...shown.values]).toEqual([2, 1, 4, 3, 6, 5]);
    expect(shown.guides?.guides[0]?.posterior).toEqual([1, 1]);
    expect(shown.reading.image.anterior).toBe("right");
    expect(startPad(shown.reading).columns).toEqual(["posterior", "anterior"]);
    expect(startPad(original.reading).columns).toEqual(["anterior", "posterior"]);
  });

  it("shows images of a study without the option as acquired", () => {
    const original = { ...loaded("left", ""), reading: reading("left") };
    expect(displayedReading(original)).toBe(original);
  });
});

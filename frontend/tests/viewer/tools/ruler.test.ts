import { describe, expect, it } from "vitest";
import { pixelSize } from "../../../src/viewer/pixelsize";
import { lengthText } from "../../../src/viewer/tools/ruler";

describe("ruler", () => {
  it("measures in mm with the spacing of rows and columns", () => {
    const size = pixelSize({ spacing_mm: [0.5, 0.25], pixel_aspect: 2 });
    expect(lengthText([[0, 0], [40, 0]], size)).toBe("10.0 mm");
    expect(lengthText([[0, 0], [0, 40]], size)).toBe("20.0 mm");
    expect(lengthText([[0, 0], [12, 8]], size)).toBe("5.0 mm");
  });

  it("measures in pixels without a known spacing", () => {
    expect(lengthText([[3, 4], [6, 8]], pixelSize({ spacing_mm: null, pixel_aspect: 1 }))).toBe("5 pixels");
  });
});

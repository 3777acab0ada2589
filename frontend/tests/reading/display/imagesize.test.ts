import { describe, expect, it } from "vitest";
import { devicePixels, isLargeEnough, isPhone } from "../../../src/reading/display/imagesize";

/** A window at a page zoom: fewer CSS pixels, each of more device pixels. */
function zoomed(width: number, height: number, zoom: number): { innerWidth: number; innerHeight: number; devicePixelRatio: number } {
  return { innerWidth: width / zoom, innerHeight: height / zoom, devicePixelRatio: zoom };
}

describe("size of the image", () => {
  it("is measured in device pixels, so that 200 % zoom changes nothing", () => {
    for (const zoom of [0.5, 1, 1.25, 2]) {
      expect(devicePixels(768 / zoom, zoomed(1366, 768, zoom))).toBe(768);
      expect(isLargeEnough(500, 768 / zoom, zoomed(1366, 768, zoom))).toBe(true);
      expect(isLargeEnough(800, 768 / zoom, zoomed(1366, 768, zoom))).toBe(false);
    }
  });

  it("never locks out a reader whose zoom moves the panel below the image", () => {
    for (const [width, height, zoom] of [[1280, 1024, 4], [1366, 768, 4], [1366, 768, 5]] as const) {
      const size = zoomed(width, height, zoom);
      expect(isLargeEnough(500, 0.4 * size.innerHeight, size)).toBe(true);
    }
  });

  it("is too small in a window that is small without zoom", () => {
    expect(isLargeEnough(500, 400, zoomed(1366, 400, 1))).toBe(false);
    expect(isLargeEnough(500, 400, zoomed(600, 1000, 1))).toBe(false);
    expect(isLargeEnough(500, 240, zoomed(320, 600, 1))).toBe(false);
  });

  it("has no minimum with 0", () => {
    expect(isLargeEnough(0, 10, zoomed(100, 100, 1))).toBe(true);
  });
});

describe("phones", () => {
  it("have a short side below 600 pixels and a coarse pointer", () => {
    expect(isPhone({ width: 390, height: 844 }, true)).toBe(true);
    expect(isPhone({ width: 932, height: 430 }, true)).toBe(true);
    expect(isPhone({ width: 599, height: 900 }, true)).toBe(true);
  });

  it("are neither tablets nor small windows of computers", () => {
    // An iPad mini, a small Android tablet and an iPad.
    for (const [width, height] of [[744, 1133], [600, 960], [768, 1024]] as const) {
      expect(isPhone({ width, height }, true)).toBe(false);
      expect(isPhone({ width: height, height: width }, true)).toBe(false);
    }
    expect(isPhone({ width: 1280, height: 800 }, true)).toBe(false);
    expect(isPhone({ width: 1280, height: 720 }, false)).toBe(false);
  });
});

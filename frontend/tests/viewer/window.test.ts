import { describe, expect, it } from "vitest";
import { dragWindow, greyLevel, isSameWindow, greyTable } from "../../src/viewer/window";
import shared from "../../../tests/inference/dicom/grey_levels.json";

describe("linear window (DICOM PS3.3 C.11.2.1.2)", () => {
  it("follows the standard's own example: center 2048, width 4096 is the identity up to the range", () => {
    const window = { center: 2048, width: 4096 };
    expect(greyLevel(0, window)).toBe(0);
    expect(greyLevel(4095, window)).toBe(255);
    expect(greyLevel(2048, window)).toBe(Math.round((0.5 / 4095 + 0.5) * 255));
  });

  it("treats the limits as the standard does", () => {
    const window = { center: 100, width: 50 };
    expect(greyLevel(75, window)).toBe(0);
    expect(greyLevel(76, window)).toBe(Math.round(((76 - 99.5) / 49 + 0.5) * 255));
    expect(greyLevel(124, window)).toBe(255);
    expect(greyLevel(125, window)).toBe(255);
  });

  it("gives the grey levels that Python gives for thumbnails (test_grey_levels.py)", () => {
    for (const { values, greys, ...window } of shared) {
      expect(values.map((value) => greyLevel(value, window))).toEqual(greys);
    }
  });

  it("is a threshold at width 1", () => {
    const window = { center: 10, width: 1 };
    expect(greyLevel(9, window)).toBe(0);
    expect(greyLevel(10, window)).toBe(255);
  });

  it("shows 8 bits unchanged with center 128 and width 256", () => {
    expect([...greyTable(8, { center: 128, width: 256 }, false)]).toEqual(Array.from({ length: 256 }, (_, i) => i));
  });

  it("equals an independent form of the formula for every value of 16 bits", () => {
    const { center, width } = { center: 1800, width: 2500 };
    const greys = greyTable(16, { center, width }, false);
    const formula = Array.from({ length: 65536 }, (_, x) => {
      const ramp = ((x - center + 0.5) / (width - 1) + 0.5) * 255;
      return Math.round(Math.min(255, Math.max(0, ramp)));
    });
    expect(Array.from(greys)).toEqual(formula);
  });

  it("inverts last", () => {
    const window = { center: 90, width: 120 };
    const plain = greyTable(8, window, false);
    greyTable(8, window, true).forEach((grey, value) => { expect(grey).toBe(255 - (plain[value] ?? 0)); });
  });

  it("widens to the right, brightens upwards, and never falls below a width of 1", () => {
    const original = { center: 128, width: 256 };
    expect(dragWindow(original, original, 100, 0).width).toBeGreaterThan(256);
    expect(dragWindow(original, original, 0, -100).center).toBeLessThan(128);
    expect(dragWindow(original, original, -1e6, 0).width).toBe(1);
    expect(isSameWindow(original, { center: 128, width: 256 })).toBe(true);
  });
});

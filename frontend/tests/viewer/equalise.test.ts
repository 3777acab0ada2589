import { describe, expect, it } from "vitest";
import { equaliseTiles, toRgba, copyPart, applyGreyTable } from "../../src/viewer/equalise";

describe("equalised", () => {
  it("separates faint text from its ground, whatever the rest of the image shows", () => {
    const image = { width: 400, height: 200 };
    const values = Uint16Array.from({ length: 80_000 }, (_, i) => (i * 7919) % 60_000);
    for (let y = 0; y < 96; y += 1) values.fill(20, y * 400, y * 400 + 96);
    values.fill(23, 40 * 400 + 10, 40 * 400 + 60);
    const greys = equaliseTiles(values, image, 16, false);
    expect(greys[40 * 400 + 5]).toBe(0);
    expect(greys[40 * 400 + 20]).toBe(255);
    const inverted = equaliseTiles(values, image, 16, true);
    expect(inverted[40 * 400 + 20]).toBe(0);
  });

  it("keeps the order of the values of a tile", () => {
    const values = Uint8Array.from({ length: 60 * 60 }, (_, i) => (i * i) % 256);
    const greys = equaliseTiles(values, { width: 60, height: 60 }, 8, false);
    const byValue = [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
    for (let i = 1; i < byValue.length; i += 1) {
      expect(greys[byValue[i] ?? 0]).toBeGreaterThanOrEqual(greys[byValue[i - 1] ?? 0] ?? 0);
    }
  });

  it("gives a uniform image one grey level", () => {
    const greys = equaliseTiles(new Uint8Array(200).fill(7), { width: 20, height: 10 }, 8, false);
    expect(new Set(greys)).toEqual(new Set([0]));
  });
});

describe("partOf", () => {
  it("copies the rows and columns of the part unchanged", () => {
    const values = Uint16Array.from({ length: 20 }, (_, i) => 1000 + i);
    const part = copyPart(values, { width: 5, height: 4 }, { left: 3, top: 1, width: 2, height: 3 });
    expect([...part]).toEqual([1008, 1009, 1013, 1014, 1018, 1019]);
  });
});

describe("windowed and opaque", () => {
  it("write one opaque grey pixel for each value", () => {
    const table = Uint8Array.from({ length: 256 }, (_, i) => 255 - i);
    expect([...toRgba(applyGreyTable(Uint8Array.of(0, 200), table))]).toEqual([255, 255, 255, 255, 55, 55, 55, 255]);
  });
});

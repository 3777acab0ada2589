import { describe, expect, it } from "vitest";
import { readSquare, applyTable, applyTableRgba, readPixels } from "../../src/viewer/windowlut";
import { greyTable } from "../../src/viewer/window";

describe("lookup table", () => {
  it("reads 16 bits little-endian", () => {
    expect([...readPixels(new Uint8Array([0x01, 0x02, 0xff, 0x00]).buffer, 16, 2)]).toEqual([0x0201, 0x00ff]);
  });

  it("rejects an image of the wrong length", () => {
    expect(() => readPixels(new ArrayBuffer(5), 8, 6)).toThrow("5 bytes instead of 6");
  });

  it("gives both painters the same greys", () => {
    const values = Uint16Array.from([0, 500, 1000, 65535]);
    const greys = new Uint8Array(4);
    const words = new Uint32Array(4);
    const lookup = greyTable(16, { center: 500, width: 1000 }, true);
    applyTable(values, lookup, greys);
    applyTableRgba(values, lookup, words);
    words.forEach((word, i) => {
      const grey = greys[i] ?? -1;
      expect(word).toBe(0xff000000 + grey * 0x010101);
    });
  });

  it("returns a square that extends beyond the image", () => {
    const values = Uint8Array.from([1, 2, 3, 4, 5, 6]);
    const lookup = greyTable(8, { center: 128, width: 256 }, false);
    const square = readSquare(values, { width: 3, height: 2 }, lookup, { left: 1, top: -1, side: 3 });
    const dark = 0xff111111;
    const grey = (value: number): number => 0xff000000 + value * 0x010101;
    expect([...square]).toEqual([dark, dark, dark, grey(2), grey(3), dark, grey(5), grey(6), dark]);
  });
});

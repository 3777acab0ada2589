import { describe, expect, it } from "vitest";
import { shadeGrey, shadeWords, stored } from "../../src/viewer/shade";
import { table } from "../../src/viewer/window";

describe("shade", () => {
  it("reads 16 bits little-endian", () => {
    expect([...stored(new Uint8Array([0x01, 0x02, 0xff, 0x00]).buffer, 16, 2)]).toEqual([0x0201, 0x00ff]);
  });

  it("refuses an image of the wrong length", () => {
    expect(() => stored(new ArrayBuffer(5), 8, 6)).toThrow("5 bytes instead of 6");
  });

  it("gives both painters the same greys", () => {
    const values = Uint16Array.from([0, 500, 1000, 65535]);
    const greys = new Uint8Array(4);
    const words = new Uint32Array(4);
    const lookup = table(16, { center: 500, width: 1000 }, true);
    shadeGrey(values, lookup, greys);
    shadeWords(values, lookup, words);
    words.forEach((word, i) => {
      const grey = greys[i] ?? -1;
      expect(word).toBe(0xff000000 + grey * 0x010101);
    });
  });
});

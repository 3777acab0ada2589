import { describe, expect, it } from "vitest";
import { isWanted } from "../../src/upload/droppedfiles";

describe("walk", () => {
  it("leaves out what file managers put into folders", () => {
    expect(isWanted({ path: "scans/.DS_Store" })).toBe(false);
    expect(isWanted({ path: "__MACOSX/scans/1.dcm" })).toBe(false);
    expect(isWanted({ path: "scans/Thumbs.db" })).toBe(false);
    expect(isWanted({ path: "scans/Desktop.ini" })).toBe(false);
    expect(isWanted({ path: "scans/._1.dcm" })).toBe(false);
    expect(isWanted({ path: "zip/__MACOSX/1.dcm" })).toBe(false);
  });

  it("sends everything else, whatever its name", () => {
    expect(isWanted({ path: "scans/IM000001" })).toBe(true);
    expect(isWanted({ path: "a/\u7ffb.dcm" })).toBe(true);
  });
});

import { describe, expect, it } from "vitest";
import { isUploadable } from "../../src/upload/selectedfiles";

describe("selected files", () => {
  it("leave out files of file managers", () => {
    expect(isUploadable({ path: "scans/.DS_Store" })).toBe(false);
    expect(isUploadable({ path: "__MACOSX/scans/1.dcm" })).toBe(false);
    expect(isUploadable({ path: "scans/Thumbs.db" })).toBe(false);
    expect(isUploadable({ path: "scans/Desktop.ini" })).toBe(false);
    expect(isUploadable({ path: "scans/._1.dcm" })).toBe(false);
    expect(isUploadable({ path: "zip/__MACOSX/1.dcm" })).toBe(false);
  });

  it("include everything else, whatever its name", () => {
    expect(isUploadable({ path: "scans/IM000001" })).toBe(true);
    expect(isUploadable({ path: "a/\u7ffb.dcm" })).toBe(true);
  });
});

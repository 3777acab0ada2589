import { describe, expect, it } from "vitest";

import { mergeUploads, compareNewestFirst, pageCursor } from "../../src/upload/visiblerows";
import type { DatedUpload } from "../../src/upload/visiblerows";

const one = (second: number, id = `id-${String(second)}`): DatedUpload => ({ id, at: `2026-11-29T08:00:${String(second).padStart(2, "0")}Z` });
const ids = (list: readonly DatedUpload[]): string[] => list.map(({ id }) => id);

describe("the uploads that are shown", () => {
  it("are sorted with the newest first, also where a time has no fraction", () => {
    const early = { id: "a", at: "2026-11-29T08:00:01Z" };
    const late = { id: "b", at: "2026-11-29T08:00:01.000001Z" };
    expect([early, late].sort(compareNewestFirst)).toEqual([late, early]);
  });

  it("stay as many as they are when newer ones arrive", () => {
    expect(ids(mergeUploads([one(3), one(2)], [one(4)], 2))).toEqual(["id-4", "id-3"]);
  });

  it("take a change of a row that is shown, in its place", () => {
    const changed = { ...one(2), status: "held" };
    expect(mergeUploads([one(3), one(2), one(1)], [changed], 3)[1]).toBe(changed);
  });

  it("leave out a change of a row on a later page", () => {
    expect(ids(mergeUploads([one(3), one(2)], [one(1)], 2))).toEqual(["id-3", "id-2"]);
    expect(ids(mergeUploads([one(3), one(2)], [one(1)], 4, true))).toEqual(["id-3", "id-2", "id-1"]);
  });

  it("have a place that the server understands", () => {
    expect(pageCursor(one(5))).toBe("2026-11-29T08:00:05Z_id-5");
  });
});

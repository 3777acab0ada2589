import { describe, expect, it } from "vitest";

import { mergeUploads, compareNewestFirst, pageCursor } from "../../src/upload/visiblerows";
import type { DatedUpload } from "../../src/upload/visiblerows";

const uploadAt = (second: number, id = `id-${String(second)}`): DatedUpload => ({ id, at: `2026-11-29T08:00:${String(second).padStart(2, "0")}Z` });
const ids = (list: readonly DatedUpload[]): string[] => list.map(({ id }) => id);

describe("visible uploads", () => {
  it("are sorted with the newest first, also where a time has no fraction", () => {
    const early = { id: "a", at: "2026-11-29T08:00:01Z" };
    const late = { id: "b", at: "2026-11-29T08:00:01.000001Z" };
    expect([early, late].sort(compareNewestFirst)).toEqual([late, early]);
  });

  it("keep their number when newer ones arrive", () => {
    expect(ids(mergeUploads([uploadAt(3), uploadAt(2)], [uploadAt(4)], 2))).toEqual(["id-4", "id-3"]);
  });

  it("adopt a change of a visible row in its position", () => {
    const changed = { ...uploadAt(2), status: "pending_review" };
    expect(mergeUploads([uploadAt(3), uploadAt(2), uploadAt(1)], [changed], 3)[1]).toBe(changed);
  });

  it("ignore a change of a row on a later page", () => {
    expect(ids(mergeUploads([uploadAt(3), uploadAt(2)], [uploadAt(1)], 2))).toEqual(["id-3", "id-2"]);
    expect(ids(mergeUploads([uploadAt(3), uploadAt(2)], [uploadAt(1)], 4, true))).toEqual(["id-3", "id-2", "id-1"]);
  });

  it("have a position in the format of the server", () => {
    expect(pageCursor(uploadAt(5))).toBe("2026-11-29T08:00:05Z_id-5");
  });
});

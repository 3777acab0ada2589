import { afterEach, describe, expect, it, vi } from "vitest";
import { ReadingApi, storedCell, storedVersion } from "../../../src/reading/saving/readingapi";
import type { Entry } from "../../../src/reading/saving/outbox";
import { serve } from "../../server";
import { reading } from "../fixtures";

const base = { id: "change-1", seq: 1, reading: "r1", tried: true };
const cell: Entry = { ...base, kind: "cell", cell: "L2_anterior", mark: { score: 3 }, version: 4 };
const comment: Entry = { ...base, kind: "comment", text: "note", version: 2 };

describe("reading API", () => {
  afterEach(() => { vi.unstubAllGlobals(); });

  it.each<[Entry, string, object]>([
    [{ ...base, kind: "open" }, "POST /api/readings/r1/open", {}],
    [cell, "PUT /api/readings/r1/cells/L2_anterior", { change_id: "change-1", version: 4, score: 3 }],
    [comment, "PUT /api/readings/r1/comment", { change_id: "change-1", version: 2, text: "note" }],
    [
      { ...base, kind: "time", activeMs: 10.4, idleMs: 0.6, guidesMs: 0 },
      "POST /api/readings/r1/time",
      { change_id: "change-1", active_ms: 10, idle_ms: 1, guides_ms: 0 },
    ],
    [{ ...base, kind: "submit" }, "POST /api/readings/r1/submit", { change_id: "change-1" }],
  ])("sends entry %#", async (entry, route, body) => {
    vi.stubGlobal("document", { cookie: "a=b; csrftoken=t%20k" });
    const sent = serve({ [route]: {} });
    await new ReadingApi("/api/", "s").sendEntry(entry);
    expect(sent).toMatchObject([{ body }]);
  });

  it("reads the pixels of a reading", async () => {
    serve({ "GET /api/readings/r1/pixels": Uint8Array.of(1, 2, 3, 4, 5, 6).buffer });
    expect([...(await new ReadingApi("/api/", "s").fetchPixels(reading()))]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("reads versions from responses and conflicts", () => {
    expect(storedVersion(cell, { cell: { version: 5 } })).toBe(5);
    expect(storedVersion(comment, { comment_version: 3 })).toBe(3);
    expect(storedVersion({ ...base, kind: "submit" }, {})).toBeNull();
    expect(storedCell(null)).toBeNull();
  });
});

import { describe, expect, it, vi } from "vitest";
import { ReadingCache } from "../../../src/reading/saving/readingcache";
import { NO_BODIES, reading } from "../fixtures";


function createSource(arm: "guided" | "unguided" = "guided") {
  return {
    fetchReading: vi.fn(() => Promise.resolve({ ...reading(), arm, guides_allowed: arm === "guided" })),
    fetchPixels: vi.fn(() => Promise.resolve(new Uint8Array(6))),
    fetchGuides: vi.fn(() => Promise.resolve({ guides: [], landmarks: NO_BODIES, level_uncertainty: null, note: "" })),
  };
}

describe("reading cache", () => {
  it("loads a reading only once", async () => {
    const source = createSource();
    const queue = new ReadingCache(source);
    void queue.load("r1");
    await queue.load("r1");
    expect(source.fetchPixels).toHaveBeenCalledTimes(1);
  });

  it("requests no guides in the unguided arm", async () => {
    const source = createSource("unguided");
    expect((await new ReadingCache(source).load("r1")).guides).toBeNull();
    expect(source.fetchGuides).not.toHaveBeenCalled();
  });

  it("tries again after a failure", async () => {
    const source = createSource();
    source.fetchPixels.mockRejectedValueOnce(new Error("no connection"));
    const queue = new ReadingCache(source);
    await expect(queue.load("r1")).rejects.toThrow("no connection");
    await expect(queue.load("r1")).resolves.toBeDefined();
  });
});

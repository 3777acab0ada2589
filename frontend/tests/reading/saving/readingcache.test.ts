import { describe, expect, it, vi } from "vitest";
import { ReadingCache } from "../../../src/reading/saving/readingcache";
import { reading } from "../fixtures";

function source(arm: "guided" | "unguided" = "guided") {
  return {
    fetchReading: vi.fn(() => Promise.resolve({ ...reading(), arm, guides_allowed: arm === "guided" })),
    fetchPixels: vi.fn(() => Promise.resolve(new Uint8Array(6))),
    fetchGuides: vi.fn(() => Promise.resolve({ guides: [], landmarks: {}, level_doubt: null, note: null })),
  };
}

describe("queue", () => {
  it("fetches a reading once, ahead of its need", async () => {
    const from = source();
    const queue = new ReadingCache(from);
    void queue.load("r1");
    await queue.load("r1");
    expect(from.fetchPixels).toHaveBeenCalledTimes(1);
  });

  it("asks for no guides in the unguided arm", async () => {
    const from = source("unguided");
    expect((await new ReadingCache(from).load("r1")).guides).toBeNull();
    expect(from.fetchGuides).not.toHaveBeenCalled();
  });

  it("tries again after a failure", async () => {
    const from = source();
    from.fetchPixels.mockRejectedValueOnce(new Error("no line"));
    const queue = new ReadingCache(from);
    await expect(queue.load("r1")).rejects.toThrow("no line");
    await expect(queue.load("r1")).resolves.toBeDefined();
  });
});

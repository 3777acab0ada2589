import { describe, expect, it, vi } from "vitest";
import { Queue } from "../../../src/reading/saving/queue";
import { reading } from "../make";

function source(arm: "guided" | "unguided" = "guided") {
  return {
    reading: vi.fn(() => Promise.resolve({ ...reading(), arm, guides_allowed: arm === "guided" })),
    pixels: vi.fn(() => Promise.resolve(new Uint8Array(6))),
    guides: vi.fn(() => Promise.resolve({ guides: [], landmarks: {}, level_doubt: null, note: null })),
  };
}

describe("queue", () => {
  it("fetches a reading once, ahead of its need", async () => {
    const from = source();
    const queue = new Queue(from);
    void queue.prepare("r1");
    await queue.prepare("r1");
    expect(from.pixels).toHaveBeenCalledTimes(1);
  });

  it("asks for no guides in the unguided arm", async () => {
    const from = source("unguided");
    expect((await new Queue(from).prepare("r1")).guides).toBeNull();
    expect(from.guides).not.toHaveBeenCalled();
  });

  it("tries again after a failure", async () => {
    const from = source();
    from.pixels.mockRejectedValueOnce(new Error("no line"));
    const queue = new Queue(from);
    await expect(queue.prepare("r1")).rejects.toThrow("no line");
    await expect(queue.prepare("r1")).resolves.toBeDefined();
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../src/api";
import { Transfers } from "../../src/upload/transfers";
import type { Send, Transfer } from "../../src/upload/transfers";
import { toSelectedFile } from "../../src/upload/selectedfiles";

function files(count: number) {
  return Array.from({ length: count }, (_, i) => toSelectedFile(new File([], `f${String(i)}`), `d/f${String(i)}`));
}

function transfers(send: Send<string>) {
  const done: string[] = [];
  const all = new Transfers<string>(send, { changed: () => undefined, done: (t) => done.push(t.file.path) });
  return { all, done };
}

describe("transfers", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it("sends at most two files at a time, and all of them", async () => {
    let now = 0;
    let most = 0;
    const { all, done } = transfers(async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 100));
      now -= 1;
      return "";
    });
    all.add(files(8), "A");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(most).toBe(2);
    expect(done).toHaveLength(8);
    expect(all.moving).toEqual([]);
  });

  it("retries after a connection failure", async () => {
    const send = vi.fn<Send<string>>().mockRejectedValueOnce(new ApiError(0, "no_answer", "")).mockResolvedValue("");
    const { all, done } = transfers(send);
    all.add(files(1), "A");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(done).toEqual(["d/f0"]);
    expect(send).toHaveBeenCalledTimes(2);
  });

  it("stops with the reason when the server rejects a file, and continues with the others", async () => {
    const refuse = new ApiError(400, "unknown_site", "Choose one of the study's sites.");
    const { all, done } = transfers((transfer: Transfer) =>
      transfer.file.path === "d/f0" ? Promise.reject(refuse) : Promise.resolve(""),
    );
    all.add(files(2), "A");
    await vi.advanceTimersByTimeAsync(100);
    expect(done).toEqual(["d/f1"]);
    expect(all.all[0]).toMatchObject({ state: "failed", problem: "Choose one of the study's sites." });
  });

  it("does not repeat a file when the server has no storage left", async () => {
    const full = new ApiError(507, "storage_full", "There is no space left on the server.");
    const send = vi.fn<Send<string>>().mockRejectedValue(full);
    const { all } = transfers(send);
    all.add(files(1), "A");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(send).toHaveBeenCalledTimes(1);
    expect(all.all[0]).toMatchObject({ state: "failed", problem: "There is no space left on the server." });
  });

  it.each([504, 524])("does not repeat a file that the server may still be processing (status %i)", async (status) => {
    const send = vi.fn<Send<string>>().mockRejectedValue(new ApiError(status, "", "The server answered with an error."));
    const { all } = transfers(send);
    all.add(files(1), "A");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(send).toHaveBeenCalledTimes(1);
    expect(all.withState("unanswered")).toHaveLength(1);
    expect(all.all[0]?.problem).toContain("did not respond in time");
    expect(all.moving).toEqual([]);
  });

  it("does not repeat a file when the connection broke long after the whole file was sent", async () => {
    const send = vi.fn<Send<string>>((_, onProgress) => {
      onProgress(1);
      return new Promise((_resolve, reject) => {
        setTimeout(() => { reject(new ApiError(0, "no_answer", "The server could not be reached.")); }, 90_000);
      });
    });
    const { all } = transfers(send);
    all.add(files(1), "A");
    await vi.advanceTimersByTimeAsync(200_000);
    expect(send).toHaveBeenCalledTimes(1);
    expect(all.withState("unanswered")).toHaveLength(1);
  });

  it("repeats a file when the connection broke during sending, however long that took", async () => {
    const send = vi
      .fn<Send<string>>()
      .mockImplementationOnce((_, onProgress) => {
        onProgress(0.9);
        return new Promise((_resolve, reject) => {
          setTimeout(() => { reject(new ApiError(0, "no_answer", "The server could not be reached.")); }, 90_000);
        });
      })
      .mockResolvedValue("");
    const { all, done } = transfers(send);
    all.add(files(1), "A");
    await vi.advanceTimersByTimeAsync(100_000);
    expect(done).toEqual(["d/f0"]);
    expect(send).toHaveBeenCalledTimes(2);
  });

  it("never sends a file with a problem, and removes it when dismissed", async () => {
    const send = vi.fn<Send<string>>().mockResolvedValue("");
    const { all } = transfers(send);
    all.add([{ ...toSelectedFile(new File([], "f"), "a.zip/f"), problem: "protected by a password" }], "A");
    await vi.advanceTimersByTimeAsync(1_000);
    const refused = all.all[0];
    expect(refused).toMatchObject({ state: "failed", problem: "protected by a password", retryable: false });
    expect(send).not.toHaveBeenCalled();
    if (refused !== undefined) all.remove(refused);
    expect(all.all).toHaveLength(0);
  });

  it("waits for as long as the server is busy with others", async () => {
    const busy = new ApiError(503, "busy", "The server is receiving as many uploads as it can.");
    const send = vi.fn<Send<string>>().mockRejectedValue(busy);
    const { all, done } = transfers(send);
    all.add(files(1), "A");
    await vi.advanceTimersByTimeAsync(600_000);
    expect(all.all[0]).toMatchObject({ state: "busy" });
    expect(send.mock.calls.length).toBeGreaterThan(20);
    send.mockResolvedValue("");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(done).toEqual(["d/f0"]);
  });

  it("repeats a failed file on request", async () => {
    const send = vi.fn<Send<string>>().mockRejectedValueOnce(new ApiError(400, "", "no")).mockResolvedValue("");
    const { all, done } = transfers(send);
    all.add(files(1), "A");
    await vi.advanceTimersByTimeAsync(10);
    const failed = all.all[0];
    if (failed !== undefined) all.retry(failed);
    await vi.advanceTimersByTimeAsync(10);
    expect(done).toEqual(["d/f0"]);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../src/api";
import type { Entry, NewEntry } from "../../src/reading/outbox";
import { OutboxStore } from "../../src/reading/outboxstore";
import type { Shelf } from "../../src/reading/outboxstore";
import { Sender } from "../../src/reading/sender";
import { shelf } from "./make";

const score: NewEntry = { kind: "cell", id: "a", reading: "r1", cell: "L1_posterior", mark: { score: 2 }, version: 0 };
const submit: NewEntry = { kind: "submit", id: "s", reading: "r1" };

function desk(answers: (unknown | ApiError)[], kept: Shelf | null = shelf()) {
  const sent: Entry[] = [];
  const lights: string[] = [];
  const refused: string[] = [];
  const transport = (entry: Entry): Promise<unknown> => {
    sent.push(entry);
    const answer = answers.shift() ?? {};
    return answer instanceof ApiError ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const sender = new Sender(transport, new OutboxStore(kept, "7", "a"), {
    light: (light) => lights.push(light),
    confirmed: () => undefined,
    refused: (entry) => refused.push(entry.id),
  });
  return { sender, sent, lights, refused };
}

describe("sender", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it("tries again with the same change after the line was down, and nothing is lost or doubled", async () => {
    const { sender, sent, lights } = desk([new ApiError(0, "no_answer", ""), new ApiError(503, "", ""), {}]);
    sender.add(score);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.map((entry) => entry.id)).toEqual(["a", "a", "a"]);
    expect(lights).toContain("kept");
    expect(lights.at(-1)).toBe("saved");
    expect(sender.unsent).toBe(0);
  });

  it("keeps everything while the person is signed out", async () => {
    const { sender, lights } = desk(Array<ApiError>(9).fill(new ApiError(401, "signed_out", "")));
    sender.add(score);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(lights.at(-1)).toBe("signed-out");
    expect(sender.unsent).toBe(1);
  });

  it("says so when the line is down and the browser keeps nothing", async () => {
    const { sender, lights } = desk([new ApiError(0, "no_answer", "")], null);
    sender.add(score);
    await sender.settled();
    expect(lights.at(-1)).toBe("unkept");
  });

  it("builds the second score of a cell on the version that the first one got", async () => {
    const { sender, sent } = desk([{ cell: { version: 5 } }, { cell: { version: 6 } }]);
    sender.add(score);
    sender.add({ ...score, id: "b" });
    await sender.settled();
    expect(sent.map((entry) => (entry.kind === "cell" ? entry.version : null))).toEqual([0, 5]);
  });

  it("hands a stale score back and goes on with the rest", async () => {
    const { sender, sent, refused } = desk([new ApiError(409, "stale", "", { cell: {} }), {}]);
    sender.add(score);
    sender.add(submit);
    await sender.settled();
    expect(refused).toEqual(["a"]);
    expect(sent.map((entry) => entry.id)).toEqual(["a", "s"]);
  });

  it("holds the next reading back until a refused submission has gone through", async () => {
    const { sender, sent, refused } = desk([new ApiError(409, "incomplete", ""), {}, {}]);
    sender.add(submit);
    sender.add({ kind: "open", id: "o", reading: "r2" });
    await sender.settled();
    expect(refused).toEqual(["s"]);
    expect(sent.map((entry) => entry.id)).toEqual(["s"]);
    sender.add({ ...submit, id: "s2" });
    await sender.settled();
    expect(sent.map((entry) => entry.id)).toEqual(["s", "s2", "o"]);
  });

  it("goes on with the next reading when a case was taken out of the study before its submission", async () => {
    const { sender, sent, refused } = desk([new ApiError(409, "case_excluded", ""), {}]);
    sender.add(submit);
    sender.add({ kind: "open", id: "o", reading: "r2" });
    await sender.settled();
    expect(refused).toEqual(["s"]);
    expect(sent.map((entry) => entry.id)).toEqual(["s", "o"]);
  });

  it("gives up and tells what a locked study does not take", async () => {
    const { sender, refused } = desk([new ApiError(409, "study_locked", "")]);
    sender.add(score);
    await sender.settled();
    expect(refused).toEqual(["a"]);
    expect(sender.unsent).toBe(0);
  });

  it("keeps scores while the coordinator has paused the study", async () => {
    const { sender, lights } = desk([new ApiError(409, "study_closed", "")]);
    sender.add(score);
    await sender.settled();
    expect(lights.at(-1)).toBe("waiting");
    expect(sender.unsent).toBe(1);
  });
});

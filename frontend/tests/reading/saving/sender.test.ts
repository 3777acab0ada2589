import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../../src/api";
import type { Entry, NewEntry } from "../../../src/reading/saving/outbox";
import { OutboxStore } from "../../../src/reading/saving/outboxstore";
import type { KeyValueStorage } from "../../../src/reading/saving/outboxstore";
import { Sender } from "../../../src/reading/saving/sender";
import { shelf } from "../fixtures";

const score: NewEntry = { kind: "cell", id: "a", reading: "r1", cell: "L1_posterior", mark: { score: 2 }, version: 0 };
const comment: NewEntry = { kind: "comment", id: "c", reading: "r1", text: "mine", version: 0 };
const submit: NewEntry = { kind: "submit", id: "s", reading: "r1" };

function desk(answers: (unknown | ApiError)[], kept: KeyValueStorage | null = shelf()) {
  const sent: Entry[] = [];
  const lights: string[] = [];
  const refused: string[] = [];
  const checks: ApiError[] = [];
  const transport = {
    sendEntry: (entry: Entry): Promise<unknown> => {
      sent.push(entry);
      const answer = answers.shift() ?? {};
      return answer instanceof ApiError ? Promise.reject(answer) : Promise.resolve(answer);
    },
    checkReader: (): Promise<unknown> => {
      const error = checks[0];
      return error === undefined ? Promise.resolve({}) : Promise.reject(error);
    },
  };
  const sender = new Sender(transport, new OutboxStore(kept, "7", "a"), {
    statusChanged: (light) => lights.push(light),
    confirmed: () => undefined,
    rejected: (entry) => refused.push(entry.id),
  });
  return { sender, sent, lights, refused, checks, kept: () => new OutboxStore(kept, "7", "a").load() };
}

describe("sender", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it("tries again with the same change after the line was down, and nothing is lost or doubled", async () => {
    const { sender, sent, lights } = desk([new ApiError(0, "no_answer", ""), new ApiError(503, "", ""), {}]);
    sender.add(score);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.map((entry) => entry.id)).toEqual(["a", "a", "a"]);
    expect(lights).toContain("offline");
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
    await sender.whenIdle();
    expect(lights.at(-1)).toBe("not-stored");
  });

  it("builds the second score of a cell on the version that the first one got", async () => {
    const { sender, sent } = desk([{ cell: { version: 5 } }, { cell: { version: 6 } }]);
    sender.add(score);
    sender.add({ ...score, id: "b" });
    await sender.whenIdle();
    expect(sent.map((entry) => (entry.kind === "cell" ? entry.version : null))).toEqual([0, 5]);
  });

  it("keeps a stale score, and lets the reader look again before the reading is submitted", async () => {
    const stored = { score: 1, validity: 0, reason: "", version: 4 };
    const { sender, sent, refused, lights, kept } = desk([new ApiError(409, "stale", "changed", { cell: stored })]);
    sender.add(score);
    sender.add(submit);
    sender.add({ kind: "open", id: "o", reading: "r2" });
    await sender.whenIdle();
    expect(refused).toEqual(["a"]);
    expect(sent.map((entry) => entry.id)).toEqual(["a"]);
    expect(kept().find((entry) => entry.id === "a")).toMatchObject({ mark: { score: 2 }, refusal: { code: "stale" } });
    sender.add({ ...submit, id: "s2" });
    await sender.whenIdle();
    expect(sent.map((entry) => entry.id)).toEqual(["a", "s2", "o"]);
    expect(lights.at(-1)).toBe("rejected");
  });

  it("saves a stale score again over the other window's when the reader says so", async () => {
    const stored = { score: 1, validity: 0, reason: "", version: 4 };
    const { sender, sent, lights } = desk([new ApiError(409, "stale", "", { cell: stored }), { cell: { version: 5 } }]);
    sender.add(score);
    await sender.whenIdle();
    sender.saveAgain();
    await sender.whenIdle();
    expect(sent[1]).toMatchObject({ cell: "L1_posterior", mark: { score: 2 }, version: 4 });
    expect(sent[1]?.id).not.toBe("a");
    expect(lights.at(-1)).toBe("saved");
  });

  it("keeps the later of two scores when the first one was stale", async () => {
    const stale = new ApiError(409, "stale", "", { cell: { score: 1, validity: 0, reason: "", version: 4 } });
    const { sender, kept } = desk([stale]);
    sender.add(score);
    sender.add({ ...score, id: "b", mark: { score: 3 } });
    await sender.whenIdle();
    expect(kept()).toMatchObject([{ id: "b", mark: { score: 3 }, version: 4, refusal: { code: "stale" } }]);
  });

  it("sends a stale comment again with the other window's text above it", async () => {
    const stale = new ApiError(409, "stale", "", { comment: "theirs", comment_version: 7 });
    const { sender, sent, lights } = desk([stale, { comment_version: 8 }]);
    sender.add(comment);
    await sender.whenIdle();
    expect(sent[1]).toMatchObject({ kind: "comment", text: "theirs\nmine", version: 7 });
    expect(lights.at(-1)).toBe("saved");
  });

  it("keeps a comment that the server does not take, and does not submit without it", async () => {
    const { sender, sent, kept, lights } = desk([new ApiError(400, "invalid", "too long")]);
    sender.add(comment);
    sender.add(submit);
    await sender.whenIdle();
    expect(sent.map((entry) => entry.id)).toEqual(["c"]);
    expect(kept()).toMatchObject([{ kind: "comment", text: "mine", refusal: { message: "too long" } }]);
    expect(lights.at(-1)).toBe("rejected");
  });

  it.each([
    [401, "signed_out", "signed-out"],
    [403, "not_allowed", "denied"],
    [404, "not_found", "denied"],
  ])("keeps everything on %i until it can be sent", async (status, code, light) => {
    const { sender, lights, refused, kept } = desk([new ApiError(status, code, ""), {}, {}]);
    sender.add(score);
    sender.add(comment);
    await sender.whenIdle();
    expect(kept().map((entry) => entry.id)).toEqual(["a", "c"]);
    expect(lights.at(-1)).toBe(light);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(lights.at(-1)).toBe("saved");
    expect(refused).toEqual([]);
  });

  it("sends nothing while another person is signed in, and goes on when the reader is back", async () => {
    const other = new ApiError(409, "other_user", "Rolf is signed in");
    const { sender, sent, lights, checks, kept } = desk([other]);
    checks.push(other);
    sender.add(score);
    sender.add(comment);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent.map((entry) => entry.id)).toEqual(["a"]);
    expect(kept()).toHaveLength(2);
    expect(lights.at(-1)).toBe("other-user");
    checks.length = 0;
    sender.retry();
    await sender.whenIdle();
    expect(sent.map((entry) => entry.id)).toEqual(["a", "a", "c"]);
    expect(lights.at(-1)).toBe("saved");
  });

  it("waits for the server when an answer is not the server's", async () => {
    const { sender, lights } = desk([new ApiError(413, "", "")]);
    sender.add(score);
    await sender.whenIdle();
    expect(lights.at(-1)).toBe("unavailable");
    expect(sender.unsent).toBe(1);
  });

  it("deletes an unsent score only when the reader discards it", async () => {
    const { sender, kept, lights } = desk([new ApiError(404, "not_found", "")]);
    sender.add(score);
    await sender.whenIdle();
    sender.discard(sender.unresolved);
    expect(kept()).toEqual([]);
    expect(lights.at(-1)).toBe("saved");
  });

  it("keeps reading times that were refused, as one entry a reading", async () => {
    const refused = new ApiError(409, "submitted", "");
    const { sender, kept, lights } = desk([refused, refused]);
    for (const id of ["t1", "t2"]) {
      sender.add({ kind: "time", id, reading: "r1", activeMs: 100, idleMs: 5, guidesMs: 0 });
      await sender.whenIdle();
    }
    expect(kept()).toMatchObject([{ activeMs: 200, idleMs: 10, refusal: { code: "submitted" } }]);
    expect(lights.at(-1)).toBe("rejected");
  });

  it("does not hold other readings back for a submission whose case is no longer current", async () => {
    const { sender, sent, lights } = desk([new ApiError(409, "incomplete", "")]);
    sender.add(submit);
    sender.add({ ...score, id: "z", reading: "r2" });
    await sender.whenIdle();
    expect(lights.at(-1)).toBe("behind");
    sender.setCurrentReading("r2");
    await sender.whenIdle();
    expect(sent.map((entry) => entry.id)).toEqual(["s", "z"]);
  });

  it("holds the next reading back until a refused submission has gone through", async () => {
    const { sender, sent, refused } = desk([new ApiError(409, "incomplete", ""), {}, {}]);
    sender.add(submit);
    sender.add({ kind: "open", id: "o", reading: "r2" });
    await sender.whenIdle();
    expect(refused).toEqual(["s"]);
    expect(sent.map((entry) => entry.id)).toEqual(["s"]);
    sender.add({ ...submit, id: "s2" });
    await sender.whenIdle();
    expect(sent.map((entry) => entry.id)).toEqual(["s", "s2", "o"]);
  });

  it("goes on with the next reading when a case was taken out of the study before its submission", async () => {
    const { sender, sent, refused } = desk([new ApiError(409, "case_excluded", ""), {}]);
    sender.add(submit);
    sender.add({ kind: "open", id: "o", reading: "r2" });
    await sender.whenIdle();
    expect(refused).toEqual(["s"]);
    expect(sent.map((entry) => entry.id)).toEqual(["s", "o"]);
  });

  it("keeps what a locked study does not take, and says so", async () => {
    const { sender, refused, kept, lights } = desk([new ApiError(409, "study_locked", "")]);
    sender.add(score);
    await sender.whenIdle();
    expect(refused).toEqual(["a"]);
    expect(kept()).toMatchObject([{ id: "a", mark: { score: 2 } }]);
    expect(lights.at(-1)).toBe("rejected");
  });

  it("keeps scores while the coordinator has paused the study", async () => {
    const { sender, lights } = desk([new ApiError(409, "study_closed", "")]);
    sender.add(score);
    await sender.whenIdle();
    expect(lights.at(-1)).toBe("waiting");
    expect(sender.unsent).toBe(1);
  });
});

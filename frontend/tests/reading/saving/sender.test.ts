import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../../src/api";
import { comment, createSender, score, submit } from "./sending";

describe("sender", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it("retries with the same change after a connection failure, without loss or duplication", async () => {
    const { sender, sent, statuses } = createSender([new ApiError(0, "no_answer", ""), new ApiError(503, "", ""), {}]);
    sender.add(score);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.map((entry) => entry.id)).toEqual(["a", "a", "a"]);
    expect(statuses).toContain("offline");
    expect(statuses.at(-1)).toBe("saved");
    expect(sender.unsent).toBe(0);
  });

  it("keeps all entries while the person is signed out", async () => {
    const { sender, statuses } = createSender(Array<ApiError>(9).fill(new ApiError(401, "signed_out", "")));
    sender.add(score);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(statuses.at(-1)).toBe("signed-out");
    expect(sender.unsent).toBe(1);
  });

  it.each(["display_check", "period_not_acknowledged", "instructions"])("keeps scores of a case that was not opened because of %s", async (code) => {
    const refusals = [new ApiError(409, code, ""), ...Array<ApiError>(20).fill(new ApiError(409, "not_open", ""))];
    const { sender, rejected, stored } = createSender(code === "instructions" ? Array<ApiError>(20).fill(new ApiError(409, code, "")) : refusals);
    sender.add({ kind: "open", id: "o", reading: "r1" });
    sender.add(score);
    sender.add(comment);
    sender.add({ kind: "time", id: "t", reading: "r1", activeMs: 1, idleMs: 0, guidesMs: 0 });
    sender.add(submit);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(rejected[0]).toBe("o");
    const kinds = stored().map(({ kind }) => kind);
    for (const kind of ["cell", "comment", "time"]) expect(kinds).toContain(kind);
    expect(sender.unsent).toBeGreaterThan(0);
  });

  it("reports when the connection is down and the browser cannot store data", async () => {
    const { sender, statuses } = createSender([new ApiError(0, "no_answer", "")], null);
    sender.add(score);
    await sender.whenIdle();
    expect(statuses.at(-1)).toBe("not-stored");
  });

  it("bases the second score of a cell on the version of the first one", async () => {
    const { sender, sent } = createSender([{ cell: { version: 5 } }, { cell: { version: 6 } }]);
    sender.add(score);
    sender.add({ ...score, id: "b" });
    await sender.whenIdle();
    expect(sent.map((entry) => (entry.kind === "cell" ? entry.version : null))).toEqual([0, 5]);
  });

  it("keeps a stale score and withdraws the submission until the reader submits again", async () => {
    const cell = { score: 1, validity: 0, reason: "", version: 4 };
    const { sender, sent, rejected, statuses, stored } = createSender([new ApiError(409, "stale", "changed", { cell })]);
    sender.add(score);
    sender.add(submit);
    sender.add({ kind: "open", id: "o", reading: "r2" });
    await sender.whenIdle();
    expect(rejected).toEqual(["a"]);
    expect(sent.map((entry) => entry.id)).toEqual(["a"]);
    expect(stored().find((entry) => entry.id === "a")).toMatchObject({ mark: { score: 2 }, refusal: { code: "stale" } });
    sender.add({ ...submit, id: "s2" });
    await sender.whenIdle();
    expect(sent.map((entry) => entry.id)).toEqual(["a", "s2", "o"]);
    expect(statuses.at(-1)).toBe("rejected");
  });

  it("saves a stale score over that of the other window when the reader chooses so", async () => {
    const stored = { score: 1, validity: 0, reason: "", version: 4 };
    const { sender, sent, statuses } = createSender([new ApiError(409, "stale", "", { cell: stored }), { cell: { version: 5 } }]);
    sender.add(score);
    await sender.whenIdle();
    sender.saveAgain();
    await sender.whenIdle();
    expect(sent[1]).toMatchObject({ cell: "L1_posterior", mark: { score: 2 }, version: 4 });
    expect(sent[1]?.id).not.toBe("a");
    expect(statuses.at(-1)).toBe("saved");
  });

  it("keeps the later of two scores when the first one was stale", async () => {
    const stale = new ApiError(409, "stale", "", { cell: { score: 1, validity: 0, reason: "", version: 4 } });
    const { sender, stored } = createSender([stale]);
    sender.add(score);
    sender.add({ ...score, id: "b", mark: { score: 3 } });
    await sender.whenIdle();
    expect(stored()).toMatchObject([{ id: "b", mark: { score: 3 }, version: 4, refusal: { code: "stale" } }]);
  });

  it("sends a stale comment again with the other window's text above it", async () => {
    const stale = new ApiError(409, "stale", "", { comment: "theirs", comment_version: 7 });
    const { sender, sent, statuses } = createSender([stale, { comment_version: 8 }]);
    sender.add(comment);
    await sender.whenIdle();
    expect(sent[1]).toMatchObject({ kind: "comment", text: "theirs\nmine", version: 7 });
    expect(statuses.at(-1)).toBe("saved");
  });

  it("keeps a rejected comment and does not submit the reading without it", async () => {
    const { sender, sent, stored, statuses } = createSender([new ApiError(400, "invalid", "too long")]);
    sender.add(comment);
    sender.add(submit);
    await sender.whenIdle();
    expect(sent.map((entry) => entry.id)).toEqual(["c"]);
    expect(stored()).toMatchObject([{ kind: "comment", text: "mine", refusal: { message: "too long" } }]);
    expect(statuses.at(-1)).toBe("rejected");
  });

  it.each([
    [401, "signed_out", "signed-out"],
    [403, "not_allowed", "denied"],
    [404, "not_found", "denied"],
  ])("keeps all entries on status %i until they can be sent", async (httpStatus, code, status) => {
    const { sender, statuses, rejected, denials, stored } = createSender([new ApiError(httpStatus, code, ""), {}, {}]);
    denials.push(new ApiError(404, "not_found", ""));
    sender.add(score);
    sender.add(comment);
    await sender.whenIdle();
    expect(stored().map((entry) => entry.id)).toEqual(["a", "c"]);
    expect(statuses.at(-1)).toBe(status);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(statuses.at(-1)).toBe("saved");
    expect(rejected).toEqual([]);
  });

  it("keeps an entry whose reading is gone and sends the rest, while the study is accessible", async () => {
    const gone = new ApiError(404, "not_found", "This does not exist");
    const { sender, sent, statuses, rejected, stored } = createSender([gone, gone, {}]);
    sender.add(score);
    sender.add(submit);
    sender.add({ ...score, id: "z", reading: "r2" });
    await sender.whenIdle();
    expect(sent.map((entry) => entry.id)).toEqual(["a", "s", "z"]);
    expect(rejected).toEqual(["a", "s"]);
    expect(stored()).toMatchObject([{ id: "a", mark: { score: 2 }, refusal: { code: "not_found" } }, { id: "s" }]);
    expect(statuses.at(-1)).toBe("rejected");
  });

  it.each([
    [401, "signed_out", "signed-out"],
    [0, "no_answer", "offline"],
    [503, "", "unavailable"],
  ])("keeps all entries while access cannot be checked because of status %i", async (httpStatus, code, status) => {
    const { sender, statuses, rejected, denials, stored } = createSender([new ApiError(404, "not_found", ""), {}, {}]);
    denials.push(new ApiError(httpStatus, code, ""));
    sender.add(score);
    sender.add(comment);
    await sender.whenIdle();
    expect(statuses.at(-1)).toBe(status);
    expect(stored().map((entry) => entry.id)).toEqual(["a", "c"]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(statuses.at(-1)).toBe("saved");
    expect(rejected).toEqual([]);
  });

  it("sends nothing while another person is signed in, and continues when the reader is back", async () => {
    const other = new ApiError(409, "other_user", "Rolf is signed in");
    const { sender, sent, statuses, checks, stored } = createSender([other]);
    checks.push(other);
    sender.add(score);
    sender.add(comment);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent.map((entry) => entry.id)).toEqual(["a"]);
    expect(stored()).toHaveLength(2);
    expect(statuses.at(-1)).toBe("other-user");
    checks.length = 0;
    sender.retry();
    await sender.whenIdle();
    expect(sent.map((entry) => entry.id)).toEqual(["a", "a", "c"]);
    expect(statuses.at(-1)).toBe("saved");
  });

  it("waits when a response does not come from the server", async () => {
    const { sender, statuses } = createSender([new ApiError(413, "", "")]);
    sender.add(score);
    await sender.whenIdle();
    expect(statuses.at(-1)).toBe("unavailable");
    expect(sender.unsent).toBe(1);
  });

  it("keeps an entry and names the request after an error of the server", async () => {
    const body = { error: { code: "internal_error", message: "An error occurred.", request_id: "3f2a91bc" } };
    const { sender, statuses, reasons } = createSender([new ApiError(500, "internal_error", "An error occurred.", body)]);
    sender.add(score);
    await sender.whenIdle();
    expect(statuses.at(-1)).toBe("server-error");
    expect(reasons.at(-1)).toBe("Request ID 3f2a91bc");
    expect(sender.unsent).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(statuses.at(-1)).toBe("saved");
  });

  it("deletes an unsent score only when the reader discards it", async () => {
    const { sender, stored, statuses, denials } = createSender([new ApiError(404, "not_found", "")]);
    denials.push(new ApiError(404, "not_found", ""));
    sender.add(score);
    await sender.whenIdle();
    sender.discard(sender.unresolved);
    expect(stored()).toEqual([]);
    expect(statuses.at(-1)).toBe("saved");
  });

  it("keeps rejected reading times as one entry per reading", async () => {
    const rejected = new ApiError(409, "submitted", "");
    const { sender, stored, statuses } = createSender([rejected, rejected]);
    for (const id of ["t1", "t2"]) {
      sender.add({ kind: "time", id, reading: "r1", activeMs: 100, idleMs: 5, guidesMs: 0 });
      await sender.whenIdle();
    }
    expect(stored()).toMatchObject([{ activeMs: 200, idleMs: 10, refusal: { code: "submitted" } }]);
    expect(statuses.at(-1)).toBe("rejected");
  });

  it("does not delay other readings for a submission whose case is no longer current", async () => {
    const { sender, sent, statuses } = createSender([new ApiError(409, "incomplete", "")]);
    sender.add(submit);
    sender.add({ ...score, id: "z", reading: "r2" });
    await sender.whenIdle();
    expect(statuses.at(-1)).toBe("behind");
    sender.setCurrentReading("r2");
    await sender.whenIdle();
    expect(sent.map((entry) => entry.id)).toEqual(["s", "z"]);
  });

  it("delays the next reading until a rejected submission has succeeded", async () => {
    const { sender, sent, rejected } = createSender([new ApiError(409, "incomplete", ""), {}, {}]);
    sender.add(submit);
    sender.add({ kind: "open", id: "o", reading: "r2" });
    await sender.whenIdle();
    expect(rejected).toEqual(["s"]);
    expect(sent.map((entry) => entry.id)).toEqual(["s"]);
    sender.add({ ...submit, id: "s2" });
    await sender.whenIdle();
    expect(sent.map((entry) => entry.id)).toEqual(["s", "s2", "o"]);
  });

  it("continues with the next reading when a case was excluded before its submission", async () => {
    const { sender, sent, rejected } = createSender([new ApiError(409, "case_excluded", ""), {}]);
    sender.add(submit);
    sender.add({ kind: "open", id: "o", reading: "r2" });
    await sender.whenIdle();
    expect(rejected).toEqual(["s"]);
    expect(sent.map((entry) => entry.id)).toEqual(["s", "o"]);
  });

  it("keeps entries that a locked study rejects, and reports it", async () => {
    const { sender, rejected, stored, statuses } = createSender([new ApiError(409, "study_locked", "")]);
    sender.add(score);
    await sender.whenIdle();
    expect(rejected).toEqual(["a"]);
    expect(stored()).toMatchObject([{ id: "a", mark: { score: 2 } }]);
    expect(statuses.at(-1)).toBe("rejected");
  });

  it("keeps scores while the coordinator has paused the study", async () => {
    const { sender, statuses } = createSender([new ApiError(409, "study_closed", "")]);
    sender.add(score);
    await sender.whenIdle();
    expect(statuses.at(-1)).toBe("waiting");
    expect(sender.unsent).toBe(1);
  });
});

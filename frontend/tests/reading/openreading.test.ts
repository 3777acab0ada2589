import { describe, expect, it } from "vitest";
import { ApiError } from "../../src/api";
import { OpenReading } from "../../src/reading/openreading";
import type { NewEntry, Outbox } from "../../src/reading/saving/outbox";
import { reading } from "./fixtures";

function opened(unsent: Outbox = []) {
  const posted: NewEntry[] = [];
  const work = new OpenReading(reading(), unsent, (entry) => posted.push(entry), () => undefined);
  return { work, posted };
}

const cell = { kind: "cell", id: "a", seq: 1, reading: "r1", cell: "L1_posterior", version: 0, tried: true } as const;

describe("open reading", () => {
  it("shows unsent scores of an earlier page", () => {
    const { work } = opened([{ ...cell, mark: { score: 3 } }]);
    expect(work.pad.cells.L1_posterior.score).toBe(3);
    expect(work.pad.current).toBe("L1_anterior");
  });

  it("opens the reading on the server only when it is shown", () => {
    expect(opened().posted.map((entry) => entry.kind)).toEqual(["open"]);
  });

  it("bases the next change on the version stored by the server", () => {
    const { work, posted } = opened();
    work.save("L1_posterior", { score: 1 });
    work.confirmEntry({ ...cell, mark: { score: 1 } }, { cell: { score: 1, validity: 0, reason: "", version: 4 } });
    work.save("L1_posterior", { score: 2 });
    expect(posted.at(-1)).toMatchObject({ version: 4, mark: { score: 2 } });
  });

  it("shows the stored score of another window, with a message", () => {
    const { work } = opened();
    const stored = { score: 3, validity: 0, reason: "", version: 2 };
    const message = work.resolveConflict({ ...cell, mark: { score: 1 } }, new ApiError(409, "stale", "", { cell: stored }));
    expect(work.pad.cells.L1_posterior).toEqual(stored);
    expect(work.pad.current).toBe("L1_posterior");
    expect(message).toContain("in another window to 3");
  });

  it("keeps both texts when the comment was changed in another window", () => {
    const { work, posted } = opened();
    work.saveComment("mine");
    const entry = { kind: "comment", id: "c", seq: 1, reading: "r1", text: "mine", version: 0, tried: true } as const;
    work.resolveConflict(entry, new ApiError(409, "stale", "", { comment: "theirs", comment_version: 7 }));
    expect(work.comment).toBe("theirs\nmine");
    work.saveComment("theirs\nmine, and more");
    expect(posted.at(-1)).toMatchObject({ text: "theirs\nmine, and more", version: 7 });
  });

  it("leaves other rejections to the reading room", () => {
    const { work } = opened();
    expect(work.resolveConflict({ ...cell, mark: { score: 1 } }, new ApiError(409, "submitted", ""))).toBeNull();
  });
});

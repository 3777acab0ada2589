import { describe, expect, it } from "vitest";
import { ApiError } from "../../src/api";
import { OpenReading } from "../../src/reading/openreading";
import type { Entry, NewEntry, Outbox } from "../../src/reading/saving/outbox";
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

  it("shows traces mirrored with the image, and stores them in the coordinates of the file", () => {
    const trace = { wall: "anterior", points: [[1, 4], [2, 8]] } as const;
    const line = [[0, 1], [3, 1]] as const;
    const stored = { traces: [trace], boundaries: [line, null], version: 3, results: null };
    const unsent = { kind: "traces", id: "u", seq: 1, tried: false, reading: "r1", version: 3, drawing: { traces: [], boundaries: [line, null] } } as const;
    const posted: NewEntry[] = [];
    const open = (outbox: readonly Entry[]) => new OpenReading({ ...reading(), measurement: stored }, outbox, (entry) => posted.push(entry), () => undefined, 10);
    const work = open([]);
    expect(work.drawing?.traces[0]?.points).toEqual([[8, 4], [7, 8]]);
    expect(work.drawing?.boundaries).toEqual([[[9, 1], [6, 1]], null]);
    if (work.drawing !== null) work.saveDrawing(work.drawing);
    expect(posted.at(-1)).toMatchObject({ kind: "traces", drawing: { traces: [trace], boundaries: [line, null] } });
    expect(open([unsent]).drawing?.boundaries[0]).toEqual([[9, 1], [6, 1]]);
  });
});

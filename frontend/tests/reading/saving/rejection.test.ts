import { describe, expect, it } from "vitest";
import { ApiError } from "../../../src/api";
import type { Entry } from "../../../src/reading/saving/outbox";
import { rejectionNotice } from "../../../src/reading/saving/rejection";

const open: Entry = { kind: "open", id: "o", reading: "r1", seq: 1, tried: true };
const score: Entry = { ...open, kind: "cell", cell: "all_anterior", mark: { score: 4 }, version: 0 };

describe("notices on rejected entries", () => {
  it.each(["instructions", "period_not_acknowledged", "display_check"])("leave out %s, which the room asks for", (code) => {
    expect(rejectionNotice(open, new ApiError(409, code, "Do it first."))).toBe("");
  });

  it("name the score that was not saved", () => {
    const notice = rejectionNotice(score, new ApiError(409, "not_open", "Open the case."));
    expect(notice).toBe("AAC-8 anterior was not saved. Open the case.");
  });
});

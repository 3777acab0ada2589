import { describe, expect, it } from "vitest";
import type { PadState } from "../../src/reading/padstate";
import { firstEmpty, advance, isComplete, moveSelection, cellOrder, setMark, selectCell, startPad, setCell, cellText } from "../../src/reading/padstate";
import { reading } from "./fixtures";

function scored(session: PadState, scores: number): PadState {
  let now = session;
  for (let i = 0; i < scores && now.current !== null; i += 1) now = advance(setMark(now, now.current, { score: 1 }));
  return now;
}

describe("pad state", () => {
  it("starts at L1 posterior when anterior is right on the image, at L1 anterior when it is left", () => {
    expect(startPad(reading()).current).toBe("L1_posterior");
    expect(startPad(reading("left")).current).toBe("L1_anterior");
    expect(cellOrder(startPad(reading("left"))).slice(0, 3)).toEqual(["L1_anterior", "L1_posterior", "L2_anterior"]);
  });

  it("starts at the first cell that is still empty", () => {
    const cell = { score: 2 as const, validity: 0, reason: "", version: 1 };
    expect(startPad(reading("right", { L1_posterior: cell })).current).toBe("L1_anterior");
  });

  it("is complete after eight marks, so that a case takes nine keystrokes", () => {
    const done = scored(startPad(reading()), 8);
    expect(done.current).toBeNull();
    expect(isComplete(done)).toBe(true);
  });

  it("returns to a skipped cell before it is complete", () => {
    const skipped = moveSelection(startPad(reading()), "right");
    const end = scored(skipped, 7);
    expect(end.current).toBe("L1_posterior");
    expect(isComplete(end)).toBe(false);
  });

  it("counts a reason as filled and a cleared score as empty", () => {
    const unreadable = setMark(startPad(reading()), "L1_posterior", { validity: 3, reason: "" });
    expect(firstEmpty(unreadable)).toBe("L1_anterior");
    expect(cellText(unreadable.cells.L1_posterior)).toBe("not readable");
    expect(firstEmpty(setMark(unreadable, "L1_posterior", { score: null }))).toBe("L1_posterior");
  });

  it("moves within the two columns and stays at the edges", () => {
    const session = startPad(reading());
    expect(moveSelection(session, "left").current).toBe("L1_posterior");
    expect(moveSelection(session, "up").current).toBe("L1_posterior");
    expect(moveSelection(session, "down").current).toBe("L2_posterior");
    expect(moveSelection(moveSelection(session, "right"), "right").current).toBe("L1_anterior");
    expect(moveSelection(selectCell(session, "L4_anterior"), "down").current).toBe("L4_anterior");
  });

  it("returns to the last cell from the end", () => {
    expect(moveSelection(scored(startPad(reading()), 8), "up").current).toBe("L4_anterior");
  });

  it("keeps the version of a cell until the server has answered", () => {
    const session = setCell(startPad(reading()), "L1_posterior", { score: 1, validity: 0, reason: "", version: 4 });
    expect(setMark(session, "L1_posterior", { score: 3 }).cells.L1_posterior).toEqual({
      score: 3,
      validity: 0,
      reason: "",
      version: 4,
    });
  });
});

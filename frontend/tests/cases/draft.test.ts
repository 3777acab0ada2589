import { describe, expect, it } from "vitest";
import type { CornerId } from "../../src/cases/draft";
import { CORNER_IDS, cornerAt, startDraft, changedCorners, cornersToJson, estimateCorner, moveCorner, cornerName, rebaseDraft, redoChange, endRun, undoChange, displacement } from "../../src/cases/draft";
import { SQUARE_PIXELS, pixelSize } from "../../src/viewer/pixelsize";
import type { Bodies } from "../../src/viewer/overlay/marks";

const BODY = {
  superior_posterior: [10, 10],
  superior_anterior: [30, 12],
  inferior_posterior: [10, 30],
  inferior_anterior: [31, 33],
  confidence: 0.9,
} as const;
const ORIGINAL: Bodies = { T12: BODY, L1: BODY, L2: null };
const L1: CornerId = { vertebra: "L1", corner: "superior_anterior" };
const L2: CornerId = { vertebra: "L2", corner: "superior_anterior" };

describe("draft", () => {
  it("runs from T12 superior posterior to L5 inferior anterior", () => {
    expect(CORNER_IDS).toHaveLength(24);
    expect([CORNER_IDS[0], CORNER_IDS[23]].map((place) => place && cornerName(place))).toEqual([
      "T12 superior posterior",
      "L5 inferior anterior",
    ]);
  });

  it("undoes and redoes a whole drag at once", () => {
    let draft = startDraft(ORIGINAL);
    for (const x of [31, 32, 33]) draft = moveCorner(draft, L1, [x, 12], "drag");
    draft = moveCorner(endRun(draft), L1, [40, 12], "drag");
    expect(cornerAt(undoChange(draft).now, L1)).toEqual([33, 12]);
    expect(undoChange(undoChange(draft)).now).toBe(ORIGINAL);
    expect(undoChange(undoChange(undoChange(draft))).now).toBe(ORIGINAL);
    expect(redoChange(undoChange(draft)).now).toBe(draft.now);
  });

  it("drops undone changes once another corner is moved", () => {
    const draft = moveCorner(undoChange(moveCorner(startDraft(ORIGINAL), L1, [31, 12], "")), L1, [29, 12], "");
    expect(redoChange(draft)).toBe(draft);
  });

  it("does not modify the original corners", () => {
    moveCorner(startDraft(ORIGINAL), L1, [31, 12], "");
    expect(cornerAt(ORIGINAL, L1)).toEqual([30, 12]);
  });

  it("counts a corner that returned to its position as unchanged", () => {
    const changed = moveCorner(startDraft(ORIGINAL), L1, [31, 12], "");
    expect(changedCorners(changed)).toEqual([L1]);
    expect(changedCorners(moveCorner(changed, L1, [30, 12], ""))).toEqual([]);
  });

  it("measures displacements in mm for pixels that are not square", () => {
    const draft = moveCorner(startDraft(ORIGINAL), L1, [36, 14], "");
    expect(displacement(draft, L1, pixelSize({ spacing_mm: [2, 0.5], pixel_aspect: 4 }))).toBe(5);
    expect(displacement(moveCorner(draft, L1, null, ""), L1, SQUARE_PIXELS)).toBeNull();
  });

  it("removes corners and adds one to a body that was not detected", () => {
    const draft = moveCorner(moveCorner(startDraft(ORIGINAL), L1, null, ""), L2, [1, 2], "");
    expect(changedCorners(draft)).toEqual([L1, L2]);
    const sent = cornersToJson(draft.now);
    expect(sent["L1"]?.superior_anterior).toBeNull();
    expect(sent["L2"]).toEqual({
      superior_posterior: null,
      superior_anterior: [1, 2],
      inferior_posterior: null,
      inferior_anterior: null,
    });
    expect(sent["L5"]).toBeNull();
  });

  it("sends no body whose corners were all removed", () => {
    const draft = CORNER_IDS.filter((place) => place.vertebra === "L1").reduce((d, place) => moveCorner(d, place, null, ""), startDraft(ORIGINAL));
    expect(cornersToJson(draft.now)["L1"]).toBeNull();
  });

  it("estimates a missing corner as the fourth of a parallelogram", () => {
    expect(estimateCorner(ORIGINAL, { vertebra: "L1", corner: "inferior_anterior" })).toEqual([30, 32]);
    expect(estimateCorner(ORIGINAL, L2)).toBeNull();
  });

  it("adopts the corners of another version where it changed none, and undoes only its own changes", () => {
    const otherVersion: Bodies = { ...ORIGINAL, T12: { ...BODY, superior_anterior: [33, 12] } };
    const draft = rebaseDraft(moveCorner(startDraft(ORIGINAL), L1, [31, 12], ""), otherVersion);
    expect(changedCorners(draft)).toEqual([L1]);
    expect(draft.now["T12"]?.superior_anterior).toEqual([33, 12]);
    expect(cornerAt(draft.now, L1)).toEqual([31, 12]);
    expect(undoChange(draft).now).toEqual(otherVersion);
  });
});

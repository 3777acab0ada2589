// @vitest-environment happy-dom
/** AAC-8 beside the eight cells: order, highest scores, keys and outbox. */

import { describe, expect, it } from "vitest";
import { advance, cellName, cellOrder, firstEmpty, isComplete, levelOf, moveSelection, selectCell, setMark, startPad } from "../../src/reading/padstate";
import { EMPTY, reading } from "./fixtures";
import { openRoom, overview, pathsOf, press, routes, withRooms } from "./openroom";
import { settle } from "../server";

const withAac8 = { ...reading(), aac8: { posterior: EMPTY, anterior: EMPTY } };
const SAVED = { cell: { score: 1, validity: 0, reason: "", version: 1 } };

function aac8Routes(): Record<string, unknown> {
  const current = { ...withAac8, arm: "unguided", guides_allowed: false };
  const table: Record<string, unknown> = { ...routes(), "GET /api/studies/s/reading": { ...overview, current } };
  for (const wall of ["posterior", "anterior"]) table[`PUT /api/readings/r1/cells/all_${wall}`] = SAVED;
  return table;
}

describe("pad with AAC-8", () => {
  const pad = startPad(withAac8);

  it("asks for both walls after the eight cells, and has no level there", () => {
    expect(cellOrder(pad).slice(-3)).toEqual(["L4_anterior", "all_posterior", "all_anterior"]);
    const filled = cellOrder(pad).slice(0, 8).reduce((state, id) => setMark(state, id, { score: 0 }), pad);
    expect(firstEmpty(filled)).toBe("all_posterior");
    expect(levelOf("all_posterior")).toBeNull();
    expect(cellName("all_posterior")).toBe("AAC-8 posterior");
    expect(isComplete(setMark(setMark(filled, "all_posterior", { score: 4 }), "all_anterior", { score: 0 }))).toBe(true);
  });

  it("is reached with the arrow keys and by moving on", () => {
    expect(moveSelection(selectCell(pad, "L4_anterior"), "down").current).toBe("all_anterior");
    expect(advance(selectCell(pad, "L4_anterior")).current).toBe("all_posterior");
  });

  it("leaves other studies at eight cells", () => {
    expect(cellOrder(startPad(reading()))).toHaveLength(8);
  });
});

describe("room with AAC-8", () => {
  withRooms();

  it("takes eleven keys for a case, and 4 for AAC-8 alone", async () => {
    const { main, sent } = await openRoom(aac8Routes());
    press("4");
    expect(main.querySelector(".notice")?.textContent).toContain("L1 posterior is scored 0 to 3");
    for (const key of "00112233") press(key);
    expect(main.querySelector(".grades")?.textContent).toContain("mean boundary-to-boundary height of L1 to L4");
    for (const key of "41") press(key);
    press("Enter", { ctrlKey: true });
    await settle();
    const scores = sent.filter(({ path }) => path.includes("/cells/all_")).map(({ path, body }) => [path.split("_")[1], (body as { score: number }).score]);
    expect(scores).toEqual([["posterior", 4], ["anterior", 1]]);
    expect(pathsOf(sent, "POST")).toContain("/api/readings/r1/submit");
  });

  it("has no button for 4 in other studies", async () => {
    const { main } = await openRoom();
    expect(main.querySelectorAll(".scores button")).toHaveLength(5);
    press("4");
    expect(main.querySelector(".notice")?.textContent).toBe("");
  });
});

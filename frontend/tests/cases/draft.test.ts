import { describe, expect, it } from "vitest";
import type { Place } from "../../src/cases/draft";
import { PLACES, at, begun, changedPlaces, corners, likely, moved, nameOf, rebased, redone, settled, undone, wayOf } from "../../src/cases/draft";
import { SQUARE, pixelSize } from "../../src/viewer/pixelsize";
import type { Bodies } from "../../src/viewer/overlay/marks";

const BODY = {
  superior_posterior: [10, 10],
  superior_anterior: [30, 12],
  inferior_posterior: [10, 30],
  inferior_anterior: [31, 33],
  confidence: 0.9,
} as const;
const FOUND: Bodies = { T12: BODY, L1: BODY, L2: null };
const L1: Place = { vertebra: "L1", corner: "superior_anterior" };
const L2: Place = { vertebra: "L2", corner: "superior_anterior" };

describe("draft", () => {
  it("runs from T12 superior posterior to L5 inferior anterior", () => {
    expect(PLACES).toHaveLength(24);
    expect([PLACES[0], PLACES[23]].map((place) => place && nameOf(place))).toEqual([
      "T12 superior posterior",
      "L5 inferior anterior",
    ]);
  });

  it("undoes a whole drag at once, and does it again", () => {
    let draft = begun(FOUND);
    for (const x of [31, 32, 33]) draft = moved(draft, L1, [x, 12], "drag");
    draft = moved(settled(draft), L1, [40, 12], "drag");
    expect(at(undone(draft).now, L1)).toEqual([33, 12]);
    expect(undone(undone(draft)).now).toBe(FOUND);
    expect(undone(undone(undone(draft))).now).toBe(FOUND);
    expect(redone(undone(draft)).now).toBe(draft.now);
  });

  it("forgets what was undone once something else is moved", () => {
    const draft = moved(undone(moved(begun(FOUND), L1, [31, 12], "")), L1, [29, 12], "");
    expect(redone(draft)).toBe(draft);
  });

  it("leaves the corners that it began with as they were", () => {
    moved(begun(FOUND), L1, [31, 12], "");
    expect(at(FOUND, L1)).toEqual([30, 12]);
  });

  it("counts a corner that came back to its place as unchanged", () => {
    const there = moved(begun(FOUND), L1, [31, 12], "");
    expect(changedPlaces(there)).toEqual([L1]);
    expect(changedPlaces(moved(there, L1, [30, 12], ""))).toEqual([]);
  });

  it("measures the way in mm along pixels that are not square", () => {
    const draft = moved(begun(FOUND), L1, [36, 14], "");
    expect(wayOf(draft, L1, pixelSize({ spacing_mm: [2, 0.5], pixel_aspect: 4 }))).toBe(5);
    expect(wayOf(moved(draft, L1, null, ""), L1, SQUARE)).toBeNull();
  });

  it("takes corners out and puts one into a body that was not found", () => {
    const draft = moved(moved(begun(FOUND), L1, null, ""), L2, [1, 2], "");
    expect(changedPlaces(draft)).toEqual([L1, L2]);
    const sent = corners(draft.now);
    expect(sent["L1"]?.superior_anterior).toBeNull();
    expect(sent["L2"]).toEqual({
      superior_posterior: null,
      superior_anterior: [1, 2],
      inferior_posterior: null,
      inferior_anterior: null,
    });
    expect(sent["L5"]).toBeNull();
  });

  it("sends no body of which every corner was taken out", () => {
    const draft = PLACES.filter((place) => place.vertebra === "L1").reduce((d, place) => moved(d, place, null, ""), begun(FOUND));
    expect(corners(draft.now)["L1"]).toBeNull();
  });

  it("puts a missing corner where it makes a parallelogram", () => {
    expect(likely(FOUND, { vertebra: "L1", corner: "inferior_anterior" })).toEqual([30, 32]);
    expect(likely(FOUND, L2)).toBeNull();
  });

  it("takes another version's corners over where it had moved none, and undoes only its own", () => {
    const theirs: Bodies = { ...FOUND, T12: { ...BODY, superior_anterior: [33, 12] } };
    const draft = rebased(moved(begun(FOUND), L1, [31, 12], ""), theirs);
    expect(changedPlaces(draft)).toEqual([L1]);
    expect(draft.now["T12"]?.superior_anterior).toEqual([33, 12]);
    expect(at(draft.now, L1)).toEqual([31, 12]);
    expect(undone(draft).now).toEqual(theirs);
  });
});

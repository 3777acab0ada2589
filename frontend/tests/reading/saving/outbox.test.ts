import { describe, expect, it } from "vitest";
import type { Entry, NewEntry, Outbox } from "../../../src/reading/saving/outbox";
import { addEntry, confirmEntry, nextEntry, parkEntry, markTried, countUnsent } from "../../../src/reading/saving/outbox";

function score(id: string, value: 0 | 1 | 2 | 3, version = 0): NewEntry {
  return { kind: "cell", id, reading: "r1", cell: "L1_posterior", mark: { score: value }, version };
}

function time(id: string, activeMs: number): NewEntry {
  return { kind: "time", id, reading: "r1", activeMs, idleMs: 0, guidesMs: 0 };
}

function first(outbox: Outbox): Entry {
  const entry = nextEntry(outbox, null);
  if (entry === null) throw new Error("empty");
  return entry;
}

describe("outbox", () => {
  it("replaces an unsent score of a cell by a later one with the same version", () => {
    const outbox = addEntry(addEntry([], score("a", 1, 3)), score("b", 2, 3));
    expect(outbox).toHaveLength(1);
    expect(first(outbox)).toMatchObject({ id: "b", mark: { score: 2 }, version: 3 });
  });

  it("keeps a score that may have reached the server, and the next one waits for its version", () => {
    const sent = markTried(addEntry([], score("a", 1)), "a");
    const both = addEntry(sent, score("b", 2));
    expect(both.map((entry) => entry.id)).toEqual(["a", "b"]);
    const after = confirmEntry(both, first(both), 1);
    expect(first(after)).toMatchObject({ id: "b", version: 1 });
  });

  it("keeps rejected traces when the reader draws again", () => {
    const traces = (id: string, x: number): NewEntry => ({
      kind: "traces", id, reading: "r1", version: 0, drawing: { traces: [{ wall: "anterior", points: [[x, 0], [x, 9]] }], boundaries: [] },
    });
    const unsent = addEntry(addEntry([], traces("a", 1)), traces("b", 2));
    expect(unsent.map((entry) => entry.id)).toEqual(["b"]);
    const sent = markTried(unsent, "b");
    const aside = parkEntry(sent, first(sent), { code: "stale", message: "", version: 5 });
    const both = addEntry(aside, traces("c", 3));
    expect(both.map((entry) => entry.id)).toEqual(["b", "c"]);
    expect(countUnsent(both)).toBe(2);
    expect(nextEntry(both, null)?.id).toBe("c");
  });

  it("parks a rejected score until the cell is scored again", () => {
    const refusal = { code: "stale", message: "", version: 5 };
    const sent = markTried(addEntry([], score("a", 1)), "a");
    const aside = parkEntry(sent, first(sent), refusal);
    expect(nextEntry(aside, null)).toBeNull();
    expect(countUnsent(aside)).toBe(1);
    expect(addEntry(aside, score("b", 2, 5)).map((entry) => entry.id)).toEqual(["b"]);
  });

  it("adds unsent times together", () => {
    const outbox = addEntry(addEntry([], time("a", 100)), time("b", 50));
    expect(first(outbox)).toMatchObject({ id: "b", activeMs: 150 });
  });

  it("keeps the order: scores before the submission, the next reading after it", () => {
    let outbox = addEntry([], score("a", 1));
    outbox = addEntry(outbox, { kind: "submit", id: "s", reading: "r1" });
    outbox = addEntry(outbox, { kind: "open", id: "o", reading: "r2" });
    expect(outbox.map((entry) => entry.id)).toEqual(["a", "s", "o"]);
  });

  it("submits a reading only once", () => {
    const once = addEntry([], { kind: "submit", id: "s", reading: "r1" });
    expect(addEntry(once, { kind: "submit", id: "t", reading: "r1" })).toBe(once);
  });

  it("sends only entries of the given reading", () => {
    const outbox = addEntry(addEntry([], { kind: "open", id: "o", reading: "r2" }), score("a", 1));
    expect(nextEntry(outbox, "r1")?.id).toBe("a");
    expect(nextEntry(outbox, "r3")).toBeNull();
  });

  it("counts only entries that a reader would lose", () => {
    expect(countUnsent(addEntry(addEntry([], time("t", 1)), score("a", 1)))).toBe(1);
  });
});

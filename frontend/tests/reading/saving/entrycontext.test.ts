// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { contextFields, withContext } from "../../../src/reading/saving/entrycontext";
import { addEntry } from "../../../src/reading/saving/outbox";
import type { Entry, NewEntry, Outbox } from "../../../src/reading/saving/outbox";

const NOW = Date.UTC(2026, 10, 2, 9);
const MINUTE_MS = 60_000;

function report(id: string, activeMs = 30_000): NewEntry {
  return { kind: "time", id, reading: "r1", activeMs, idleMs: 0, guidesMs: 0 };
}

function add(outbox: Outbox, entry: NewEntry): Outbox {
  return addEntry(outbox, withContext(entry));
}

describe("context of an entry", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
    vi.stubGlobal("innerWidth", 1366);
    vi.stubGlobal("innerHeight", 650);
    vi.stubGlobal("devicePixelRatio", 1.5);
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("is sent as an age and the size of the window at that time", () => {
    const [entry] = add([], report("a")) as [Entry];
    vi.setSystemTime(NOW + 20 * MINUTE_MS);
    vi.stubGlobal("innerWidth", 800);
    expect(contextFields(entry)).toEqual({
      age_ms: 20 * MINUTE_MS,
      viewport_width: 1366,
      viewport_height: 650,
      device_pixel_ratio: 1.5,
    });
  });

  it("belongs to openings, times and submissions, not to scores and comments", () => {
    const score: NewEntry = { kind: "cell", id: "a", reading: "r1", cell: "L1_anterior", mark: { score: 1 }, version: 0 };
    expect(withContext(score)).toBe(score);
    expect(contextFields({ ...score, seq: 1, tried: false })).toEqual({});
    for (const kind of ["open", "submit"] as const) {
      expect(withContext({ kind, id: "a", reading: "r1" })).toHaveProperty("at", NOW);
    }
  });

  it("is not negative when the clock of the device is set back", () => {
    const [entry] = add([], report("a")) as [Entry];
    vi.setSystemTime(NOW - MINUTE_MS);
    expect(contextFields(entry)["age_ms"]).toBe(0);
  });

  it("has no size while the window is minimised", () => {
    vi.stubGlobal("innerHeight", 0);
    const [entry] = add([], report("a")) as [Entry];
    expect(contextFields(entry)).toEqual({ age_ms: 0 });
  });

  it("is missing in entries of an earlier release", () => {
    const stored: Entry = { kind: "time", id: "a", seq: 1, tried: true, reading: "r1", activeMs: 1, idleMs: 0, guidesMs: 0 };
    expect(contextFields(stored)).toEqual({});
  });
});

describe("time reports that could not be sent", () => {
  beforeEach(() => { vi.useFakeTimers({ now: NOW }); });
  afterEach(() => { vi.useRealTimers(); });

  it("are merged while the reader works, with the moment of the last one", () => {
    const first = add([], report("a"));
    vi.setSystemTime(NOW + MINUTE_MS / 2);
    const [entry, ...others] = add(first, report("b"));
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ activeMs: 60_000, at: NOW + MINUTE_MS / 2 });
  });

  it("stay separate after a break, because another session may have begun", () => {
    const first = add([], report("a"));
    vi.setSystemTime(NOW + 70 * MINUTE_MS);
    const both = add(first, report("b"));
    expect(both.map((entry) => entry.kind === "time" && entry.activeMs)).toEqual([30_000, 30_000]);
  });
});

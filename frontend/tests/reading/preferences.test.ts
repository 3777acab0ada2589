import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_KEYS } from "../../src/keys";
import { ReaderPreferences } from "../../src/reading/preferences";

function store(saved: object | null = {}) {
  return {
    fetchPreferences: vi.fn(() => (saved === null ? Promise.reject(new Error("no connection")) : Promise.resolve(saved))),
    savePreferences: vi.fn(() => Promise.resolve()),
  };
}

describe("reader preferences", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it("load keys, windows and guide opacity", async () => {
    const window = { center: 100, width: 50 };
    const preferences = new ReaderPreferences(store({ keys: { invert: "v" }, windows: { iDXA: window }, guide_strength: 0.4 }));
    await preferences.load();
    expect(preferences.keys.invert).toBe("v");
    expect(preferences.windowFor("iDXA")).toEqual(window);
    expect(preferences.windowFor("other")).toBeNull();
    expect(preferences.guideStrength).toBe(0.4);
  });

  it("stay at the defaults when they cannot be loaded", async () => {
    const preferences = new ReaderPreferences(store(null));
    await preferences.load();
    expect(preferences.keys).toEqual(DEFAULT_KEYS);
  });

  it("are saved once after several changes, and only what differs from the defaults", () => {
    const saved = store();
    const preferences = new ReaderPreferences(saved);
    preferences.setGuideStrength(0.5);
    preferences.setKeys({ ...DEFAULT_KEYS, help: "h" });
    vi.advanceTimersByTime(2_000);
    expect(saved.savePreferences.mock.calls).toEqual([[{ keys: { help: "h" }, windows: {}, guide_strength: 0.5, keep_view: false }]]);
  });

  it("keep the windows of the scanners used last", () => {
    const preferences = new ReaderPreferences(store());
    for (let number = 0; number < 31; number += 1) preferences.setWindow(`s${String(number)}`, { center: number, width: 1 });
    expect(preferences.windowFor("s0")).toBeNull();
    expect(preferences.windowFor("s30")).toEqual({ center: 30, width: 1 });
  });
});

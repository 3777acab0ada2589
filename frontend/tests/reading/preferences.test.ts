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

  it("are saved once after several changes, and only what differs from the defaults", async () => {
    const saved = store();
    const preferences = new ReaderPreferences(saved);
    await preferences.load();
    preferences.setGuideStrength(0.5);
    preferences.setKeys({ ...DEFAULT_KEYS, help: "h" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(saved.savePreferences.mock.calls).toEqual([[{ keys: { help: "h" }, windows: {}, guide_strength: 0.5, keep_view: false }]]);
  });

  it("keep what the reader changes before they have arrived, and everything else that was saved", async () => {
    const [mine, stored] = [{ center: 1, width: 2 }, { center: 3, width: 4 }];
    let arrive: (saved: object) => void = () => undefined;
    const saved = { ...store(), fetchPreferences: () => new Promise<object>((resolve) => { arrive = resolve; }) };
    const preferences = new ReaderPreferences(saved);
    const loading = preferences.load();
    preferences.setWindow("iDXA", mine);
    preferences.setKeepView(true);
    arrive({ keys: { invert: "f6" }, windows: { iDXA: stored, Horizon: stored }, guide_strength: 0.4, keep_view: false });
    await loading;
    expect(preferences.keepView).toBe(true);
    expect(preferences.guideStrength).toBe(0.4);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(saved.savePreferences.mock.calls).toEqual([
      [{ keys: { invert: "f6" }, windows: { Horizon: stored, iDXA: mine }, guide_strength: 0.4, keep_view: true }],
    ]);
  });

  it("never replace saved ones that could not be loaded", async () => {
    const saved = store(null);
    const preferences = new ReaderPreferences(saved);
    await preferences.load();
    preferences.setGuideStrength(0.5);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(saved.savePreferences).not.toHaveBeenCalled();
    saved.fetchPreferences.mockResolvedValue({ keys: { invert: "f6" } });
    preferences.setGuideStrength(0.6);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(saved.savePreferences.mock.calls).toEqual([[{ keys: { invert: "f6" }, windows: {}, guide_strength: 0.6, keep_view: false }]]);
  });

  it("keep the windows of the scanners used last", () => {
    const preferences = new ReaderPreferences(store());
    for (let number = 0; number < 31; number += 1) preferences.setWindow(`s${String(number)}`, { center: number, width: 1 });
    expect(preferences.windowFor("s0")).toBeNull();
    expect(preferences.windowFor("s30")).toEqual({ center: 30, width: 1 });
  });
});

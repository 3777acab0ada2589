import { describe, expect, it } from "vitest";
import { DEFAULT_KEYS, actionOf, changesOf, digitOf, keyName, rebound, shownKey, withChanges } from "../src/keys";

function press(key: string, more: Partial<{ code: string; ctrlKey: boolean; altKey: boolean }> = {}) {
  return { key, code: "", ctrlKey: false, metaKey: false, altKey: false, ...more };
}

describe("keys", () => {
  it("knows the keys of the reading room", () => {
    expect(actionOf(DEFAULT_KEYS, press("2"))).toBe("score2");
    expect(actionOf(DEFAULT_KEYS, press("X"))).toBe("unreadable");
    expect(actionOf(DEFAULT_KEYS, press(" "))).toBe("reset");
    expect(actionOf(DEFAULT_KEYS, press("="))).toBe("reset");
    expect(actionOf(DEFAULT_KEYS, press("Enter", { ctrlKey: true }))).toBe("submit");
    expect(actionOf(DEFAULT_KEYS, press("?"))).toBe("help");
  });

  it("leaves tab, alt and modifiers alone to the browser", () => {
    expect(keyName(press("Tab"))).toBeNull();
    expect(keyName(press("2", { altKey: true }))).toBeNull();
    expect(actionOf(DEFAULT_KEYS, press("c", { ctrlKey: true }))).toBeNull();
  });

  it("finds digits where they need shift, as on a French keyboard", () => {
    expect(actionOf(DEFAULT_KEYS, press("\u00e9", { code: "Digit2" }))).toBe("score2");
    expect(digitOf(press("(", { code: "Digit5" }))).toBe(5);
  });

  it("changes a key, and gives its old one to an action that would have none", () => {
    const changed = rebound(DEFAULT_KEYS, "invert", "g");
    expect(actionOf(changed, press("g"))).toBe("invert");
    expect(actionOf(changed, press("i"))).toBe("guides");
    expect(changesOf(changed)).toEqual({ invert: "g", guides: "i" });
  });

  it("leaves the other keys of an action that had two", () => {
    expect(rebound(DEFAULT_KEYS, "pause", "=")["reset"]).toBe("space");
  });

  it("takes stored changes over the defaults and ignores what it does not know", () => {
    expect(withChanges({ invert: "v", nonsense: "q", help: 7 })).toEqual({ ...DEFAULT_KEYS, invert: "v" });
    expect(withChanges(null)).toEqual(DEFAULT_KEYS);
  });

  it("writes keys as people know them", () => {
    expect(shownKey("ctrl+enter")).toBe("Ctrl+Enter");
    expect(shownKey("arrowup")).toBe("\u2191");
  });
});

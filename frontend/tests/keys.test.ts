import { describe, expect, it } from "vitest";
import { DEFAULT_KEYS, actionForKey, changedBindings, digitForKey, keyName, rebindKey, keyLabel, mergeBindings } from "../src/keys";

function press(key: string, more: Partial<{ code: string; ctrlKey: boolean; altKey: boolean }> = {}) {
  return { key, code: "", ctrlKey: false, metaKey: false, altKey: false, ...more };
}

describe("keys", () => {
  it("map the default keys to actions", () => {
    expect(actionForKey(DEFAULT_KEYS, press("2"))).toBe("score2");
    expect(actionForKey(DEFAULT_KEYS, press("X"))).toBe("unreadable");
    expect(actionForKey(DEFAULT_KEYS, press(" "))).toBe("reset");
    expect(actionForKey(DEFAULT_KEYS, press("="))).toBe("reset");
    expect(actionForKey(DEFAULT_KEYS, press("Enter", { ctrlKey: true }))).toBe("submit");
    expect(actionForKey(DEFAULT_KEYS, press("?"))).toBe("help");
  });

  it("keep a person's own key of an action that is older than the default of another", () => {
    const bindings = mergeBindings({ invert: "a", guides: "t" });
    expect(actionForKey(bindings, press("a"))).toBe("invert");
    expect(actionForKey(bindings, press("t"))).toBe("guides");
    expect(actionForKey(DEFAULT_KEYS, press("a"))).toBe("acceptAll");
  });

  it("leave Tab, Alt and modifiers to the browser", () => {
    expect(keyName(press("Tab"))).toBeNull();
    expect(keyName(press("2", { altKey: true }))).toBeNull();
    expect(actionForKey(DEFAULT_KEYS, press("c", { ctrlKey: true }))).toBeNull();
  });

  it("recognise digits that need Shift, as on a French keyboard", () => {
    expect(actionForKey(DEFAULT_KEYS, press("\u00e9", { code: "Digit2" }))).toBe("score2");
    expect(digitForKey(press("(", { code: "Digit5" }))).toBe(5);
  });

  it("rebind a key, and give the old one to an action that would have none", () => {
    const changed = rebindKey(DEFAULT_KEYS, "invert", "g");
    expect(actionForKey(changed, press("g"))).toBe("invert");
    expect(actionForKey(changed, press("i"))).toBe("guides");
    expect(changedBindings(changed)).toEqual({ invert: "g", guides: "i" });
  });

  it("keep the other key of an action that had two", () => {
    expect(rebindKey(DEFAULT_KEYS, "pause", "=")["reset"]).toBe("space");
  });

  it("apply saved changes to the defaults and ignore unknown ones", () => {
    expect(mergeBindings({ invert: "v", nonsense: "q", help: 7 })).toEqual({ ...DEFAULT_KEYS, invert: "v" });
    expect(mergeBindings(null)).toEqual(DEFAULT_KEYS);
  });

  it("have readable labels", () => {
    expect(keyLabel("ctrl+enter")).toBe("Ctrl+Enter");
    expect(keyLabel("arrowup")).toBe("\u2191");
  });
});

import { describe, expect, it } from "vitest";
import { DEFAULT_KEYS, actionForKey, changedBindings, digitForKey, keyName, rebindKey, keyLabel, mergeBindings } from "../src/keys";

function press(key: string, more: Partial<{ code: string; ctrlKey: boolean; altKey: boolean; shiftKey: boolean; altGraph: boolean }> = {}) {
  const getModifierState = (modifier: string): boolean => modifier === "AltGraph" && more.altGraph === true;
  return { key, code: "", ctrlKey: false, metaKey: false, altKey: false, ...more, getModifierState };
}

describe("keys", () => {
  it("map the default keys to actions", () => {
    expect(actionForKey(DEFAULT_KEYS, press("2"))).toBe("score2");
    expect(actionForKey(DEFAULT_KEYS, press("X"))).toBe("unreadable");
    expect(actionForKey(DEFAULT_KEYS, press(" "))).toBe("reset");
    expect(actionForKey(DEFAULT_KEYS, press("="))).toBe("zoomIn");
    expect(actionForKey(DEFAULT_KEYS, press("+", { code: "NumpadAdd" }))).toBe("zoomIn");
    expect(actionForKey(DEFAULT_KEYS, press("-"))).toBe("zoomOut");
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

  it.each([
    ["Alt and the digit row", press("2", { code: "Digit2", altKey: true })],
    ["Option, which types another character", press("\u2122", { code: "Digit2", altKey: true })],
    ["AltGr on Windows", press("\u00b2", { code: "Digit2", ctrlKey: true, altKey: true, altGraph: true })],
    ["AltGr on Linux", press("\u00b2", { code: "Digit2", altGraph: true })],
    ["AltGr with the number pad", press("2", { code: "Numpad2", altGraph: true })],
    ["Alt codes of the number pad", press("ArrowDown", { code: "Numpad2", altKey: true })],
    ["AltGr alone", press("AltGraph", { code: "AltRight" })],
  ])("never act on %s", (_name, combination) => {
    expect(actionForKey(DEFAULT_KEYS, combination)).toBeNull();
    expect(keyName(combination)).toBeNull();
    expect(digitForKey(combination)).toBeNull();
  });

  it.each([
    ["x", "\u0447", "unreadable"], ["g", "\u043f", "guides"], ["i", "\u0448", "invert"], ["w", "\u03c2", "window"], ["c", "\u0441", "comment"],
  ] as const)("recognise %s by its position under another script", (letter, character, action) => {
    const code = `Key${letter.toUpperCase()}`;
    expect(actionForKey(DEFAULT_KEYS, press(character, { code }))).toBe(action);
    expect(actionForKey(DEFAULT_KEYS, press("Process", { code }))).toBe(action);
    expect(actionForKey(DEFAULT_KEYS, press(character, { code, ctrlKey: true }))).toBeNull();
  });

  it("take the character, not the position, on a Latin layout", () => {
    // The key of "q" types "a" on a French keyboard, that of "z" types "w".
    expect(actionForKey(DEFAULT_KEYS, press("w", { code: "KeyZ" }))).toBe("window");
  });

  it("score with the number pad whether or not NumLock is on, and never move the cell", () => {
    const withoutNumLock = ["Insert", "End", "ArrowDown", "PageDown", "ArrowLeft", "Clear", "ArrowRight", "Home", "ArrowUp", "PageUp"];
    withoutNumLock.forEach((key, digit) => {
      const code = `Numpad${String(digit)}`;
      const expected = digit <= 4 ? `score${String(digit)}` : null;
      expect(actionForKey(DEFAULT_KEYS, press(key, { code }))).toBe(expected);
      expect(actionForKey(DEFAULT_KEYS, press(key, { code, shiftKey: true }))).toBe(expected);
      expect(actionForKey(DEFAULT_KEYS, press(String(digit), { code }))).toBe(expected);
      expect(digitForKey(press(key, { code }))).toBe(digit);
    });
  });

  it("move the view with Shift and the arrows, and the cell without", () => {
    expect(actionForKey(DEFAULT_KEYS, press("ArrowLeft", { shiftKey: true }))).toBe("panLeft");
    expect(actionForKey(DEFAULT_KEYS, press("ArrowLeft"))).toBe("left");
  });

  it("leave a key that a person has assigned to that action", () => {
    const merged = mergeBindings({ invert: "z", window: "+" });
    expect(actionForKey(merged, press("z"))).toBe("invert");
    expect(merged.magnifier).toBe("");
    expect(merged.zoomIn).toBe("=");
    expect(keyLabel(merged.magnifier)).toBe("none");
  });

  it("recognise digits that need Shift, as on a French keyboard", () => {
    expect(actionForKey(DEFAULT_KEYS, press("\u00e9", { code: "Digit2" }))).toBe("score2");
    expect(digitForKey(press("(", { code: "Digit5" }))).toBe(5);
  });

  it.each([["Czech", "+\u011b\u0161\u010d\u0159"], ["Slovak", "+\u013e\u0161\u010d\u0165"], ["French", "&\u00e9\"'("]])(
    "score with the digit row of a %s keyboard without Shift", (_layout, characters) => {
      [...characters].slice(0, 4).forEach((key, index) => {
        const code = `Digit${String(index + 1)}`;
        expect(actionForKey(DEFAULT_KEYS, press(key, { code }))).toBe(`score${String(index + 1)}`);
        expect(actionForKey(DEFAULT_KEYS, press(String(index + 1), { code, shiftKey: true }))).toBe(`score${String(index + 1)}`);
        expect(keyName(press(key, { code }))).toBe(String(index + 1));
      });
    });

  it("zoom with the characters of the digit row that are no scores", () => {
    // "=" is Shift and 0 on a German keyboard, "-" is the key of 6 on a French one.
    expect(actionForKey(DEFAULT_KEYS, press("=", { code: "Digit0", shiftKey: true }))).toBe("zoomIn");
    expect(actionForKey(DEFAULT_KEYS, press("-", { code: "Digit6" }))).toBe("zoomOut");
    expect(actionForKey(DEFAULT_KEYS, press("+", { code: "Equal", shiftKey: true }))).toBe("zoomIn");
  });

  it("do not clear a score with the decimal key of the number pad", () => {
    expect(actionForKey(DEFAULT_KEYS, press("Delete", { code: "NumpadDecimal" }))).toBeNull();
    expect(keyName(press("Delete", { code: "NumpadDecimal" }))).toBeNull();
    expect(actionForKey(DEFAULT_KEYS, press(",", { code: "NumpadDecimal" }))).toBeNull();
    expect(actionForKey(DEFAULT_KEYS, press("Delete", { code: "Delete" }))).toBe("clear");
  });

  it("undo and redo by position under another script", () => {
    for (const character of ["\u044f", "\u03b6", "Process"]) {
      expect(actionForKey(DEFAULT_KEYS, press(character, { code: "KeyZ", ctrlKey: true }))).toBe("undo");
    }
    expect(actionForKey(DEFAULT_KEYS, press("\u043d", { code: "KeyY", ctrlKey: true }))).toBe("redo");
    // The characters count on a German keyboard, whose Y and Z have changed places.
    expect(actionForKey(DEFAULT_KEYS, press("z", { code: "KeyY", ctrlKey: true }))).toBe("undo");
  });

  it("rebind a key, and give the old one to an action that would have none", () => {
    const changed = rebindKey(DEFAULT_KEYS, "invert", "g");
    expect(actionForKey(changed, press("g"))).toBe("invert");
    expect(actionForKey(changed, press("i"))).toBe("guides");
    expect(changedBindings(changed)).toEqual({ invert: "g", guides: "i" });
  });

  it("keep the other key of an action that had two", () => {
    expect(rebindKey(DEFAULT_KEYS, "pause", "=")["zoomIn"]).toBe("+");
  });

  it("apply saved changes to the defaults and ignore unknown ones", () => {
    expect(mergeBindings({ invert: "j", nonsense: "q", help: 7 })).toEqual({ ...DEFAULT_KEYS, invert: "j" });
    expect(mergeBindings(null)).toEqual(DEFAULT_KEYS);
  });

  it("have readable labels", () => {
    expect(keyLabel("ctrl+enter")).toBe("Ctrl+Enter");
    expect(keyLabel("arrowup")).toBe("\u2191");
    expect(keyLabel("shift+arrowup")).toBe("Shift+\u2191");
  });
});

describe("default keys", () => {
  it("give every key one action", () => {
    const keys = Object.values(DEFAULT_KEYS).flatMap((bound) => bound.split(" "));
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import type { Pair } from "../../../src/viewer/overlay/marks";
import { arrowStep, enterKey, moveEnd } from "../../../src/viewer/tools/rulerkeys";

const plain = { code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
const right = ([x, y]: Pair): Pair => [x + 1, y];

describe("ruler by keyboard", () => {
  it("moves in steps that are smaller with Ctrl, and leaves Shift and Alt to other keys", () => {
    expect(arrowStep({ ...plain, key: "ArrowLeft" })).toEqual({ x: -5, y: 0 });
    expect(arrowStep({ ...plain, key: "ArrowDown", ctrlKey: true })).toEqual({ x: 0, y: 1 });
    expect(arrowStep({ ...plain, key: "ArrowDown", shiftKey: true })).toBeNull();
    expect(arrowStep({ ...plain, key: "ArrowDown", altKey: true })).toBeNull();
    expect(arrowStep({ ...plain, key: "1" })).toBeNull();
    expect(arrowStep({ ...plain, key: "ArrowDown", code: "ArrowDown" })).toEqual({ x: 0, y: 5 });
  });

  it("leaves the number pad without NumLock to the scores", () => {
    for (const [key, digit] of [["ArrowDown", 2], ["ArrowLeft", 4], ["ArrowRight", 6], ["ArrowUp", 8]] as const) {
      expect(arrowStep({ ...plain, key, code: `Numpad${String(digit)}` })).toBeNull();
    }
  });

  it("places the first end, then the second, then measures again from there", () => {
    let ends = moveEnd([[3, 4], [3, 4]], "first", right);
    expect(ends).toEqual([[4, 4], [4, 4]]);
    let set = enterKey(ends, "first");
    expect(set).toEqual({ ends: [[4, 4], [4, 4]], end: "second" });
    ends = moveEnd(set.ends, set.end, right);
    expect(ends).toEqual([[4, 4], [5, 4]]);
    set = enterKey(ends, "second");
    expect(set).toEqual({ ends: [[4, 4], [5, 4]], end: "set" });
    expect(moveEnd(set.ends, set.end, right)).toEqual([[4, 4], [6, 4]]);
    expect(enterKey(set.ends, set.end)).toEqual({ ends: [[5, 4], [5, 4]], end: "second" });
  });
});

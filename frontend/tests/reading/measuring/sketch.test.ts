import { beforeEach, describe, expect, it } from "vitest";
import { EMPTY_DRAWING, countBoundaries, defaultBoundary, simplify } from "../../../src/reading/measuring/drawing";
import type { Drawing } from "../../../src/reading/measuring/drawing";
import { findHit } from "../../../src/reading/measuring/hits";
import { Sketch } from "../../../src/reading/measuring/sketch";

const IMAGE = { width: 100, height: 200 };
let committed: Drawing[] = [];
let previews = 0;
let sketch: Sketch;

function click(x: number, y: number): void {
  sketch.press(null);
  sketch.release([x, y], []);
}

beforeEach(() => {
  committed = [];
  previews = 0;
  sketch = new Sketch({ committed: (drawing) => committed.push(drawing), previewed: () => { previews += 1; } });
  Object.assign(sketch, { image: IMAGE, guided: false });
  sketch.reset(EMPTY_DRAWING);
});

describe("drawing traces", () => {
  it("draws a straight line with two clicks and selects it", () => {
    click(10, 20);
    expect(committed).toEqual([]);
    sketch.hover([12, 30]);
    expect(sketch.draft).toEqual({ points: [[10, 20]], cursor: [12, 30] });
    click(12, 60);
    expect(sketch.drawing.traces).toEqual([{ wall: "posterior", points: [[10, 20], [12, 60]] }]);
    expect(sketch.selected).toBe(0);
    expect(committed).toEqual([sketch.drawing]);
  });

  it("draws freehand along the way of a drag, on the chosen wall", () => {
    sketch.setWall("anterior");
    sketch.press(null);
    expect(sketch.drag([5, 9], [[5, 5], [5, 9]])).toEqual({ points: [[5, 5], [5, 9]], cursor: [5, 9] });
    sketch.release([5, 20], [[5, 5], [5, 9], [5, 20]]);
    expect(sketch.drawing.traces).toEqual([{ wall: "anterior", points: [[5, 5], [5, 9], [5, 20]] }]);
  });

  it("ignores a line without length", () => {
    click(10, 20);
    click(10, 20);
    expect(committed).toEqual([]);
    expect(sketch.draft).toBeNull();
  });

  it("moves a point as one step that can be undone and redone", () => {
    click(10, 20);
    click(10, 60);
    sketch.press({ line: 0, point: 1, kind: "point" });
    sketch.drag([11, 70], []);
    sketch.drag([12, 80], []);
    expect(previews).toBe(2);
    sketch.release([12, 80], [[10, 60], [12, 80]]);
    expect(sketch.drawing.traces[0]?.points).toEqual([[10, 20], [12, 80]]);
    sketch.undo();
    expect(sketch.drawing.traces[0]?.points).toEqual([[10, 20], [10, 60]]);
    sketch.redo();
    expect(sketch.drawing.traces[0]?.points).toEqual([[10, 20], [12, 80]]);
    sketch.undo();
    sketch.undo();
    expect(sketch.drawing.traces).toEqual([]);
    expect(committed).toHaveLength(6);
  });

  it("puts back an end that is dropped on the other one", () => {
    click(10, 20);
    click(10, 60);
    sketch.press({ line: 0, point: 1, kind: "point" });
    sketch.drag([10, 40], []);
    sketch.drag([10, 20], []);
    sketch.release([10, 20], []);
    expect(sketch.drawing.traces[0]?.points).toEqual([[10, 20], [10, 60]]);
    expect(committed).toHaveLength(1);
  });

  it("bends a trace where its line is dragged", () => {
    click(10, 20);
    click(10, 60);
    sketch.press({ line: 0, point: 1, kind: "segment" });
    sketch.drag([14, 40], []);
    sketch.drag([16, 42], []);
    sketch.release([16, 42], []);
    expect(sketch.drawing.traces[0]?.points).toEqual([[10, 20], [16, 42], [10, 60]]);
  });

  it("restores the drawing when a gesture is cancelled", () => {
    click(10, 20);
    click(10, 60);
    sketch.press({ line: 0, point: 1, kind: "point" });
    sketch.drag([50, 70], []);
    expect(sketch.cancel()).toBe(true);
    expect(sketch.drawing.traces[0]?.points).toEqual([[10, 20], [10, 60]]);
    expect(committed).toHaveLength(1);
    expect(sketch.cancel()).toBe(false);
  });

  it("moves the selected trace to the other wall and removes it", () => {
    click(10, 20);
    click(10, 60);
    sketch.press({ line: 0, point: 0, kind: "point" });
    sketch.release([10, 20], []);
    sketch.switchWall();
    expect(sketch.drawing.traces[0]?.wall).toBe("anterior");
    expect(sketch.removeSelected()).toBe(true);
    expect(sketch.removeSelected()).toBe(false);
    expect(sketch.drawing.traces).toEqual([]);
  });
});

describe("changing the wall after drawing", () => {
  it("leaves the drawn trace on its wall and draws the next one on the other", () => {
    click(10, 20);
    click(10, 60);
    sketch.switchWall();
    expect(sketch.selected).toBeNull();
    click(30, 20);
    click(30, 60);
    expect(sketch.drawing.traces.map(({ wall }) => wall)).toEqual(["posterior", "anterior"]);
    expect(committed).toHaveLength(2);
  });
});

describe("level lines", () => {
  beforeEach(() => { sketch.mode = "levels"; });

  it("are set from cranial to caudal with two clicks each; then traces are drawn", () => {
    for (const y of [20, 50, 80, 110, 140]) {
      expect(sketch.mode).toBe("levels");
      click(10, y);
      click(80, y + 1);
    }
    expect(sketch.drawing.boundaries[4]).toEqual([[10, 140], [80, 141]]);
    expect(sketch.nextLine).toBeNull();
    expect(sketch.mode).toBe("traces");
  });

  it("start from default lines at fixed fractions of the image, which count once they are moved", () => {
    const [left, right] = defaultBoundary(1, IMAGE);
    expect(left).toEqual([25, 104]);
    sketch.press({ line: 1, point: 1, kind: "segment" });
    sketch.drag([50, 114], []);
    sketch.release([50, 114], []);
    expect(sketch.drawing.boundaries).toEqual([null, [[left[0], 114], [right[0], 114]], null, null, null]);
    expect(countBoundaries(sketch.drawing)).toBe(1);
    sketch.press({ line: 1, point: 0, kind: "point" });
    sketch.drag([20, 120], []);
    sketch.release([20, 120], []);
    expect(sketch.drawing.boundaries[1]).toEqual([[20, 120], [75, 114]]);
  });

  it("a click on a default line starts a new line there", () => {
    sketch.press({ line: 3, point: 1, kind: "segment" });
    sketch.release([50, 144], []);
    expect(sketch.draft?.points).toEqual([[50, 144]]);
    expect(committed).toEqual([]);
  });

  it("do not exist where guides divide the levels", () => {
    sketch.guided = true;
    click(10, 20);
    expect(sketch.draft).toBeNull();
  });
});

describe("hits and shapes", () => {
  const lines = [[[10, 10], [10, 50]], [[14, 10], [14, 50]]] as const;

  it("prefers points to segments and the selected line to others", () => {
    expect(findHit(lines, [12, 11], "mouse", 1)).toEqual({ line: 1, point: 0, kind: "point" });
    expect(findHit(lines, [12, 11], "mouse", 0)).toEqual({ line: 0, point: 0, kind: "point" });
    expect(findHit(lines, [13, 30], "mouse", null)).toEqual({ line: 1, point: 1, kind: "segment" });
    expect(findHit(lines, [40, 30], "mouse", null)).toBeNull();
    expect(findHit(lines, [26, 30], "touch", null)?.line).toBe(1);
  });

  it("keeps only the points that shape a freehand line", () => {
    expect(simplify([[0, 0], [0.2, 5], [0, 10], [5, 20], [5, 30]], 1.5)).toEqual([[0, 0], [0, 10], [5, 20], [5, 30]]);
  });
});

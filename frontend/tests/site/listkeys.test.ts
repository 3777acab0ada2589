import { describe, expect, it } from "vitest";
import { stepInGrid } from "../../src/site/listkeys";

describe("arrow keys in the grid of cases", () => {
  it("move by one and by a row", () => {
    expect(stepInGrid("ArrowRight", 0, 10, 4)).toBe(1);
    expect(stepInGrid("ArrowDown", 1, 10, 4)).toBe(5);
    expect(stepInGrid("ArrowUp", 5, 10, 4)).toBe(1);
    expect(stepInGrid("End", 5, 10, 4)).toBe(9);
  });

  it("stay at the edges and ignore other keys", () => {
    expect(stepInGrid("ArrowLeft", 0, 10, 4)).toBeNull();
    expect(stepInGrid("ArrowDown", 8, 10, 4)).toBeNull();
    expect(stepInGrid("r", 3, 10, 4)).toBeNull();
  });
});

import { describe, expect, it } from "vitest";
import { availableKeys } from "../../../src/reading/input/keyhints";

const reading = { paused: false, reasonOpen: false, guided: false, comments: true, complete: false, cellSelected: true };

function words(moment: typeof reading): string[] {
  return availableKeys(moment).map(([, text]) => text);
}

describe("key hints", () => {
  it("include no guides in the unguided arm", () => {
    expect(words(reading)).not.toContain("guides");
    expect(words({ ...reading, guided: true })).toContain("guides");
  });

  it("include submitting only when every cell is filled", () => {
    expect(words(reading)).not.toContain("submit and next");
    expect(words({ ...reading, complete: true, cellSelected: false })).toContain("submit and next");
  });

  it("offer only continuing during a pause", () => {
    expect(words({ ...reading, paused: true })).toEqual(["continue"]);
  });
});

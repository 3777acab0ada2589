import { describe, expect, it } from "vitest";
import type { KeyContext } from "../../../src/reading/input/keyhints";
import { availableKeys } from "../../../src/reading/input/keyhints";

const reading: KeyContext = { paused: false, reasonOpen: false, guided: false, comments: true, complete: false, current: "L1_posterior" };

function words(moment: KeyContext): string[] {
  return availableKeys(moment).map(([, text]) => text);
}

describe("key hints", () => {
  it("include no guides in the unguided arm", () => {
    expect(words(reading)).not.toContain("guides");
    expect(words({ ...reading, guided: true })).toContain("guides");
  });

  it("include submitting only when every cell is filled", () => {
    expect(words(reading)).not.toContain("submit and next");
    expect(words({ ...reading, complete: true, current: null })).toContain("submit and next");
  });

  it("announce no next case where submitting does not open one", () => {
    const submitted = words({ ...reading, complete: true, current: null, opensNext: false });
    expect(submitted).toContain("submit");
    expect(submitted).not.toContain("submit and next");
  });

  it("offer a score of 4 for AAC-8 alone", () => {
    const keys = (moment: KeyContext): unknown => availableKeys(moment).find(([, text]) => text === "score")?.[0];
    expect(keys(reading)).toEqual(["0", "1", "2", "3"]);
    expect(keys({ ...reading, current: "all_anterior" })).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("offer only continuing during a pause", () => {
    expect(words({ ...reading, paused: true })).toEqual(["continue"]);
  });
});

import { describe, expect, it } from "vitest";
import { decimal, mergeTexts, removeUnstorable } from "../src/text";

describe("text", () => {
  it("loses NUL and lone surrogates, and nothing else", () => {
    expect(removeUnstorable("a\0b \ud83ec \ud83e\uddb4 \\u0000")).toBe("ab c \ud83e\uddb4 \\u0000");
  });

  it("is merged one below the other without repetition", () => {
    expect(mergeTexts("theirs", "mine")).toBe("theirs\nmine");
    expect(mergeTexts("mine", "mine, and more")).toBe("mine, and more");
    expect(mergeTexts("all of mine", "mine")).toBe("all of mine");
    expect(mergeTexts("", "mine")).toBe("mine");
  });
});

describe("a number", () => {
  it("has a minus sign instead of a hyphen, and none if it is rounded to 0", () => {
    expect([-3.26, -0.04, 0, 12.34].map((value) => decimal(value, 1))).toEqual(["\u22123.3", "0.0", "0.0", "12.3"]);
  });
});

import { describe, expect, it } from "vitest";
import { combined, storable } from "../src/text";

describe("text", () => {
  it("loses NUL and halves of characters, and nothing else", () => {
    expect(storable("a\0b \ud83ec \ud83e\uddb4 \\u0000")).toBe("ab c \ud83e\uddb4 \\u0000");
  });

  it("puts two texts one below the other, and repeats none", () => {
    expect(combined("theirs", "mine")).toBe("theirs\nmine");
    expect(combined("mine", "mine, and more")).toBe("mine, and more");
    expect(combined("all of mine", "mine")).toBe("all of mine");
    expect(combined("", "mine")).toBe("mine");
  });
});

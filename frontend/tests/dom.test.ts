import { describe, expect, it } from "vitest";
import { formatTime } from "../src/dom";

describe("a formatted time", () => {
  it("is in the time zone of the account, whatever the browser's zone", () => {
    expect(formatTime("2026-11-22T13:05:00Z", "Europe/Berlin")).toBe("22 Nov 2026, 14:05");
    expect(formatTime("2026-11-22T23:30:00Z", "Australia/Perth")).toBe("23 Nov 2026, 07:30");
  });

  it("has the format of the server", () => {
    expect(formatTime("2026-09-02T00:05:00Z", "UTC")).toBe("2 Sep 2026, 00:05");
  });

  it("is left unchanged where it is no time", () => {
    expect(formatTime("not yet", "UTC")).toBe("not yet");
  });
});

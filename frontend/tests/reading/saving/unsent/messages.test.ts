import { describe, expect, it } from "vitest";
import type { Entry } from "../../../../src/reading/saving/outbox";
import { SAVE_STATUS_TEXTS, describeEntry, otherEntriesText } from "../../../../src/reading/saving/unsent/messages";

const base = { id: "a", seq: 1, reading: "r1", tried: true };

describe("texts of unsent entries", () => {
  it("describe what would be lost", () => {
    const entries: Entry[] = [
      { ...base, kind: "cell", cell: "L2_anterior", mark: { score: 3 }, version: 0 },
      { ...base, kind: "cell", cell: "L2_anterior", mark: { validity: 6, reason: "fusion" }, version: 0 },
      { ...base, kind: "time", activeMs: 61_000, idleMs: 4_000, guidesMs: 0 },
    ];
    expect(entries.map(describeEntry)).toEqual(["L2 anterior: 3", "L2 anterior: not readable (fusion)", "Reading time: 1:05"]);
  });

  it("mention entries that this page does not send", () => {
    expect(otherEntriesText({ otherPeople: 0, otherStudies: 0 })).toBe("");
    expect(otherEntriesText({ otherPeople: 2, otherStudies: 1 })).toBe(
      "This device holds 2 unsent entries from another person, which will be sent when that person signs in and opens the study. " +
      "It also holds 1 unsent entry from you in another study, which will be sent when you open that study.",
    );
  });

  it("call only entries saved that the server has stored", () => {
    expect(Object.entries(SAVE_STATUS_TEXTS).filter(([, words]) => words === "Saved").map(([light]) => light)).toEqual(["saved"]);
    expect(SAVE_STATUS_TEXTS.offline).toBe("Offline. Saved on this device; will sync when you reconnect");
  });
});

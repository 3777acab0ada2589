// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { render } from "lit-html";
import { decisionsFor } from "../../src/cases/decisions";
import { stateBadge } from "../../src/cases/states";
import { caseWith } from "./fixtures";

function badgeText(changes: Parameters<typeof caseWith>[0]): string {
  const host = document.createElement("div");
  render(stateBadge(caseWith(changes)), host);
  return host.textContent.trim();
}

describe("state of a case", () => {
  it("names unconfirmed corners where the study needs them confirmed", () => {
    expect(badgeText({ corners_confirmed: false })).toBe("corners not confirmed");
    expect(badgeText({ corners_confirmed: true })).toBe("ready");
    expect(badgeText({ corners_confirmed: null })).toBe("ready");
  });

  it("names uncertain level labels first", () => {
    const uncertainty = { reason: "gap", detail: "a gap", accepted: false };
    expect(badgeText({ corners_confirmed: false, level_uncertainty: uncertainty })).toBe("level labelling uncertain");
  });

  it("does not ask for confirmed corners of practice cases", () => {
    expect(badgeText({ corners_confirmed: false, practice: true })).toBe("ready");
  });

  it("offers to confirm corners only where the server permits it", () => {
    const labels = decisionsFor(caseWith({ actions: ["confirm_corners", "exclude"] })).map(({ label }) => label);
    expect(labels).toEqual(["Confirm corners", "Exclude case"]);
    expect(decisionsFor(caseWith()).map(({ label }) => label)).not.toContain("Confirm corners");
  });
});

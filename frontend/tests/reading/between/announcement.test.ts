import { describe, expect, it } from "vitest";
import { announcementTitle, changesOf, constantsOf, startLabel } from "../../../src/reading/between/announcement";
import type { Announcement } from "../../../src/schema";

const UNGUIDED = { period: 1, arm: "unguided", guides: false, measured: false } as const;
const GUIDED = { period: 2, arm: "guided", guides: true, measured: false } as const;
const CORRECTED = { period: 2, arm: "guided corrected", guides: true, measured: false } as const;
const MEASURED = { period: 2, arm: "guided measured", guides: true, measured: true } as const;

function announcement(more: Partial<Announcement>): Announcement {
  return { ...UNGUIDED, periods: 2, begins: true, previous: null, ...more };
}

describe("announcement of a period", () => {
  it("names the first period and how it is read", () => {
    const first = announcement({});
    expect(announcementTitle(first)).toBe("Period 1 of 2 begins");
    expect(startLabel(first)).toBe("Start period 1");
    expect(changesOf(first)).toEqual(["No guides are shown on the image."]);
    expect(constantsOf(first)).toEqual([]);
  });

  it("states that guides appear, and what stays", () => {
    const second = announcement({ ...GUIDED, previous: UNGUIDED });
    expect(changesOf(second)).toEqual(["From now on, guides are shown on the image."]);
    expect(constantsOf(second)).toEqual(["The scoring rules, the keys and the image tools stay the same."]);
  });

  it("states that guides disappear", () => {
    const second = announcement({ ...UNGUIDED, period: 2, previous: { ...GUIDED, period: 1 } });
    expect(changesOf(second)).toEqual(["From now on, no guides are shown."]);
  });

  it("states where the guides come from when that changes", () => {
    const second = announcement({ ...CORRECTED, previous: { ...GUIDED, period: 1 } });
    expect(changesOf(second)).toEqual([
      "From now on, the guides are drawn from landmarks that a coordinator has corrected or confirmed.",
    ]);
    const back = announcement({ ...GUIDED, previous: { ...CORRECTED, period: 1 } });
    expect(changesOf(back)).toEqual(["From now on, the guides are drawn from the network's landmarks, without corrections."]);
    expect(changesOf(announcement({ ...CORRECTED, previous: UNGUIDED }))).toEqual(["From now on, guides are shown on the image."]);
  });

  it("states tracing as a change, and guides as before", () => {
    const second = announcement({ ...MEASURED, previous: { ...GUIDED, period: 1 } });
    expect(changesOf(second)).toEqual([
      "From now on, you trace each calcified stretch of the wall, and confirm or change the proposed grades.",
    ]);
    expect(constantsOf(second)).toContain("Guides are shown as before.");
  });

  it("distinguishes the return to a period from its beginning", () => {
    const back = announcement({ begins: false, previous: GUIDED });
    expect(announcementTitle(back)).toBe("Period 1 of 2 continues");
    expect(startLabel(back)).toBe("Continue period 1");
    expect(changesOf(back)).toEqual(["Guides are no longer shown."]);
  });
});

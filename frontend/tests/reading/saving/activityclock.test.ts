import { describe, expect, it } from "vitest";
import { ActivityClock } from "../../../src/reading/saving/activityclock";

function started(): ActivityClock {
  const clock = new ActivityClock();
  clock.start(0);
  return clock;
}

describe("clock (DOMAIN: active is gaps of at most 60 s with the tab visible and the image shown)", () => {
  it("counts a gap of 60 s as active and a longer one as idle", () => {
    const clock = started();
    clock.recordActivity(60_000);
    clock.recordActivity(120_001);
    expect(clock.takeTime()).toEqual({ activeMs: 60_000, idleMs: 60_001, guidesMs: 0 });
  });

  it("counts time with the tab hidden as idle", () => {
    const clock = started();
    clock.setVisible(false, 5_000);
    clock.setVisible(true, 9_000);
    clock.recordActivity(10_000);
    expect(clock.takeTime()).toEqual({ activeMs: 6_000, idleMs: 4_000, guidesMs: 0 });
  });

  it("counts nothing during a pause", () => {
    const clock = started();
    clock.stop(1_000);
    clock.recordActivity(50_000);
    clock.resume(60_000);
    clock.recordActivity(61_000);
    expect(clock.takeTime()).toEqual({ activeMs: 2_000, idleMs: 0, guidesMs: 0 });
  });

  it("counts active time with the guides shown", () => {
    const clock = started();
    clock.setGuidesShown(true, 1_000);
    clock.setGuidesShown(false, 4_000);
    clock.recordActivity(5_000);
    expect(clock.takeTime()).toEqual({ activeMs: 5_000, idleMs: 0, guidesMs: 3_000 });
  });

  it("returns every interval only once", () => {
    const clock = started();
    clock.recordActivity(1_000);
    clock.takeTime();
    expect(clock.takeTime()).toEqual({ activeMs: 0, idleMs: 0, guidesMs: 0 });
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { NewEntry } from "../../../src/reading/saving/outbox";
import type { ViewReport } from "../../../src/reading/view/viewlog";
import { TimeReporter } from "../../../src/reading/saving/timereporter";

describe("time reporter", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  function create() {
    const posted: NewEntry[] = [];
    return { reporter: new TimeReporter((entry) => posted.push(entry)), posted };
  }

  it("reports the time of a reading when it is closed", () => {
    const { reporter, posted } = create();
    reporter.start("r1");
    vi.advanceTimersByTime(5_000);
    reporter.stop();
    expect(posted).toMatchObject([{ kind: "time", reading: "r1", activeMs: 5_000, idleMs: 0 }]);
  });

  it("sends how the image was displayed with the time, and nothing while it did not change", () => {
    const posted: NewEntry[] = [];
    const views = [{ preset: "fit" } as ViewReport, null];
    const reporter = new TimeReporter((entry) => posted.push(entry), () => views.shift() ?? null);
    reporter.start("r1");
    vi.advanceTimersByTime(2_000);
    reporter.setVisible(false);
    vi.advanceTimersByTime(2_000);
    reporter.setVisible(true);
    reporter.stop();
    expect(posted.map((entry) => (entry.kind === "time" ? entry.view : undefined))).toEqual([{ preset: "fit" }, undefined]);
  });

  it("reports regularly while the reader is active", () => {
    const { reporter, posted } = create();
    reporter.start("r1");
    for (let second = 0; second < 61; second += 1) {
      vi.advanceTimersByTime(1_000);
      reporter.recordActivity();
    }
    expect(posted).toHaveLength(2);
  });

  it("reports nothing before a reading is shown, or without any time", () => {
    const { reporter, posted } = create();
    vi.advanceTimersByTime(60_000);
    reporter.start("r1");
    reporter.stop();
    expect(posted).toEqual([]);
  });

  it("counts no time during a pause", () => {
    const { reporter, posted } = create();
    reporter.start("r1");
    vi.advanceTimersByTime(1_000);
    reporter.stop();
    vi.advanceTimersByTime(20_000);
    reporter.resume();
    vi.advanceTimersByTime(2_000);
    reporter.setVisible(false);
    expect(posted).toMatchObject([{ activeMs: 1_000 }, { activeMs: 2_000, idleMs: 0 }]);
  });

  it("counts the time with guides separately", () => {
    const { reporter, posted } = create();
    reporter.start("r1");
    reporter.setGuidesShown(true);
    vi.advanceTimersByTime(3_000);
    reporter.setGuidesShown(false);
    vi.advanceTimersByTime(1_000);
    reporter.stop();
    expect(posted).toMatchObject([{ activeMs: 4_000, guidesMs: 3_000 }]);
  });
});

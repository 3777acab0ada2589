import { describe, expect, it } from "vitest";
import type { DrawnView } from "../../../src/reading/view/viewlog";
import { ViewLog, mergeViews } from "../../../src/reading/view/viewlog";

const fit: DrawnView = { kind: "fit", zoom: 1, scale: 0.43, window: { center: 128, width: 256 }, inverted: false, paneHeight: null };

describe("view log", () => {
  it("reports the last view and the extremes", () => {
    const log = new ViewLog();
    log.record(fit);
    log.record({ ...fit, kind: "manual", zoom: 4, scale: 1.7, window: { center: 60, width: 80 } });
    log.record({ ...fit, kind: "lower_spine", zoom: 1.85, scale: 0.8, inverted: true });
    expect(log.take()).toEqual({
      preset: "lower_spine", presets: ["fit", "manual", "lower_spine"],
      zoom: 1.85, zoom_min: 1, zoom_max: 4, scale: 0.8,
      center: 128, center_min: 60, center_max: 128,
      width: 256, width_min: 80, width_max: 256,
      inverted: true,
    });
  });

  it("reports nothing while nothing is drawn, and forgets what was reported", () => {
    const log = new ViewLog();
    expect(log.take()).toBeNull();
    log.record({ ...fit, zoom: 3 });
    log.take();
    expect(log.take()).toBeNull();
    log.record(fit);
    expect(log.take()?.zoom_max).toBe(1);
  });

  it("starts anew with each image", () => {
    const log = new ViewLog();
    log.record(fit);
    log.start();
    expect(log.take()).toBeNull();
  });

  it("merges reports of one reading, of which the later has the final view", () => {
    const log = new ViewLog();
    log.record({ ...fit, zoom: 5 });
    const before = log.take();
    log.record({ ...fit, kind: "manual", zoom: 2 });
    const after = log.take();
    if (before === null || after === null) throw new Error("no report");
    expect(mergeViews(before, after)).toMatchObject({ preset: "manual", presets: ["fit", "manual"], zoom: 2, zoom_min: 2, zoom_max: 5 });
  });

  it("reports the height of the image while it could be scored, with the smallest one", () => {
    const log = new ViewLog();
    log.record({ ...fit, paneHeight: 900 });
    log.record({ ...fit, paneHeight: 620 });
    log.record({ ...fit, paneHeight: 768 });
    log.record(fit);
    expect(log.take()).toMatchObject({ pane_height: 768, pane_height_min: 620 });
    log.record(fit);
    expect(log.take()).not.toHaveProperty("pane_height");
  });
});

/** How the image of a reading was displayed: the present view and its extremes, for the time reports. Pure. */

import type { ViewKind } from "../../viewer/presets";
import type { Window } from "../../viewer/window";

/** A view as it was drawn. */
export interface DrawnView {
  readonly kind: ViewKind;
  /** Relative to the whole image fitted to the screen. */
  readonly zoom: number;
  /** Device pixels per column of the image. */
  readonly scale: number;
  readonly window: Window;
  readonly inverted: boolean;
  /** Height of the image pane in device pixels; null while it is too small for scoring. */
  readonly paneHeight: number | null;
}

/** The last view and the extremes since the last report, as sent to the server; part of stored outbox entries. */
export interface ViewReport {
  readonly preset: ViewKind;
  readonly presets: readonly ViewKind[];
  readonly zoom: number;
  readonly zoom_min: number;
  readonly zoom_max: number;
  readonly scale: number;
  readonly center: number;
  readonly center_min: number;
  readonly center_max: number;
  readonly width: number;
  readonly width_min: number;
  readonly width_max: number;
  readonly inverted: boolean;
  /** Of the image pane in device pixels, while scoring was possible; missing in entries of an earlier release. */
  readonly pane_height?: number;
  readonly pane_height_min?: number;
}

export class ViewLog {
  private report: ViewReport | null = null;

  /** Start with a new image. */
  start(): void {
    this.report = null;
  }

  record(view: DrawnView): void {
    const sample = reportOf(view);
    this.report = this.report === null ? sample : mergeViews(this.report, sample);
  }

  /** Return what was drawn since the last call, or null if nothing was. */
  take(): ViewReport | null {
    const { report } = this;
    this.report = null;
    return report;
  }
}

/** Return the later report with the extremes of both. */
export function mergeViews(before: ViewReport, after: ViewReport): ViewReport {
  return {
    ...after,
    // Each preset once, in the order of its first use.
    presets: [...new Set([...before.presets, ...after.presets])],
    zoom_min: Math.min(before.zoom_min, after.zoom_min),
    zoom_max: Math.max(before.zoom_max, after.zoom_max),
    center_min: Math.min(before.center_min, after.center_min),
    center_max: Math.max(before.center_max, after.center_max),
    width_min: Math.min(before.width_min, after.width_min),
    width_max: Math.max(before.width_max, after.width_max),
    ...mergeHeights(before, after),
  };
}

function mergeHeights(before: ViewReport, after: ViewReport): Pick<ViewReport, "pane_height" | "pane_height_min"> {
  const height = after.pane_height ?? before.pane_height;
  if (height === undefined) return {};
  const lowest = [before.pane_height_min, after.pane_height_min].filter((value) => value !== undefined);
  return { pane_height: height, pane_height_min: Math.min(height, ...lowest) };
}

function reportOf({ kind, zoom, scale, window, inverted, paneHeight }: DrawnView): ViewReport {
  const { center, width } = window;
  return {
    preset: kind,
    presets: [kind],
    zoom, zoom_min: zoom, zoom_max: zoom,
    scale,
    center, center_min: center, center_max: center,
    width, width_min: width, width_max: width,
    inverted,
    // A pane that is not laid out has no height.
    ...(paneHeight === null || paneHeight < 1 ? {} : { pane_height: paneHeight, pane_height_min: paneHeight }),
  };
}

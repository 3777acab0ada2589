/** The tools below the image of a case: zoom, window, polarity, and which overlays are drawn. */

import { button, el } from "../dom";
import type { Point } from "../viewer/view";
import type { Viewer } from "../viewer/viewer";

const ZOOM_STEP = 1.5;

export class ImageTools {
  readonly root: HTMLElement;
  readonly guides = el("input", { type: "checkbox", checked: true });
  readonly corners = el("input", { type: "checkbox", checked: true });
  readonly crop = el("input", { type: "checkbox" });

  /** `zoomCentre` returns the point to zoom about in CSS pixels, or undefined for the centre of the viewer. */
  constructor(
    private readonly viewer: Viewer,
    private readonly zoomCentre: () => Point | undefined,
  ) {
    this.root = el(
      "div",
      { class: "case-tools" },
      button("Fit image", () => { viewer.reset(); }),
      button("+", () => { this.zoom(ZOOM_STEP); }, { "aria-label": "Zoom in" }),
      button("\u2212", () => { this.zoom(1 / ZOOM_STEP); }, { "aria-label": "Zoom out" }),
      button("Invert image", () => { viewer.invert(); }),
      button("Use next window", () => { viewer.nextWindow([]); }),
      el("label", { class: "check" }, this.corners, "Landmarks"),
      el("label", { class: "check" }, this.guides, "Guides"),
      el("label", { class: "check" }, this.crop, "Crop check"),
    );
  }

  /** Set the function that redraws the overlays when a checkbox changes. */
  onToggle(redraw: () => void): void {
    for (const checkbox of [this.guides, this.corners, this.crop]) checkbox.onchange = redraw;
  }

  private zoom(factor: number): void {
    this.viewer.zoomAbout(factor, this.zoomCentre());
  }
}

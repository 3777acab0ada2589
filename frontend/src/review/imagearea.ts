/** The image of a case with its tools: zoom, window, polarity and the overlays that can be switched. */

import { ApiError, getBytes } from "../api";
import { button, el } from "../dom";
import type { Image } from "../schema";
import { LoadingNote } from "../viewer/loadingnote";
import { Viewer } from "../viewer/viewer";
import { readPixels } from "../viewer/windowlut";

const ZOOM_STEP = 1.5;

export class ImageArea {
  readonly viewer: Viewer;
  private readonly host = el("div", { role: "region", tabindex: 0, "aria-label": "Image of the case" });
  private readonly note = new LoadingNote(this.host);

  /** Add the image to `root`; `switches` are checkboxes beside the tools. */
  constructor(root: HTMLElement, switches: readonly HTMLElement[]) {
    this.viewer = new Viewer(this.host);
    const { viewer } = this;
    root.append(
      this.host,
      el(
        "div",
        { class: "case-tools" },
        button("Fit image", () => { viewer.reset(); }),
        button("+", () => { viewer.zoomAbout(ZOOM_STEP); }, { "aria-label": "Zoom in" }),
        button("\u2212", () => { viewer.zoomAbout(1 / ZOOM_STEP); }, { "aria-label": "Zoom out" }),
        button("Invert image", () => { viewer.invert(); }),
        button("Use next window", () => { viewer.nextWindow([]); }),
        ...switches,
      ),
    );
  }

  /** Load and show the image, and return whether it is shown; a failure is stated in place of it. */
  async load(image: Image, address: string): Promise<boolean> {
    try {
      const bytes = await this.note.during(getBytes(address));
      this.viewer.show(image, readPixels(bytes, image.bits, image.width * image.height));
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.host.append(el("p", { class: "viewer-note", role: "alert" }, error.message));
      return false;
    }
  }
}

/** Zoom, position and window of the previous case, applied to the next one if the study keeps them. */

import type { Viewer } from "../../viewer/viewer";
import type { RelativeView } from "../../viewer/presets";
import type { Window } from "../../viewer/window";
import type { ReadingImage } from "../contract";

interface ViewState {
  readonly view: RelativeView;
  readonly window: Window;
  /** Whether the reader inverted the image. */
  readonly inverted: boolean;
  readonly scanner: string;
  readonly bits: number;
  /** On which side of the screen anterior was. */
  readonly anteriorLeft: boolean;
}

export class PreviousView {
  private state: ViewState | null = null;

  remember(viewer: Viewer, image: ReadingImage): void {
    const view = viewer.relativeView();
    if (view === null) return;
    const { window, inverted } = viewer;
    // Relative to how the image opens, because images differ in polarity.
    this.state = { view, window, inverted: inverted !== image.invert, scanner: image.scanner, bits: image.bits, anteriorLeft: isAnteriorLeft(image) };
  }

  apply(viewer: Viewer, image: ReadingImage): void {
    if (this.state === null) return;
    const { view, anteriorLeft } = this.state;
    // Mirrored for an image that faces the other way, so that it opens on the same part of the body.
    viewer.applyView(anteriorLeft === isAnteriorLeft(image) ? view : { ...view, x: 1 - view.x });
    // Grey values of another scanner have another meaning.
    if (this.state.scanner !== image.scanner || this.state.bits !== image.bits) return;
    viewer.setWindow(this.state.window);
    if (this.state.inverted) viewer.invert();
  }
}

function isAnteriorLeft({ anterior }: ReadingImage): boolean {
  return anterior === "left";
}

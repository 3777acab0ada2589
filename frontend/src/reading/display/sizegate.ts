/** Covers an image that is too small to be scored, and says what to do. */

import { button, el } from "../../dom";
import { watchPixelRatio } from "../../viewer/pixelratio";
import { toggleFullScreen } from "../view/fullscreen";
import { devicePixels, isLargeEnough } from "./imagesize";

/** Actions that enter or change scores or traces, besides those that begin with "score". */
const SCORING_ACTIONS: readonly string[] = [
  "unreadable", "clear", "accept", "acceptAll", "measure", "wall", "levels", "undo", "redo",
];

export class SizeGate {
  readonly root = el("section", { class: "size-gate", hidden: true, role: "alert" });
  /** Called when the image has become too small or large enough. */
  onChange: (tooSmall: boolean) => void = () => undefined;
  private minimum = 0;
  private small = false;

  constructor(private readonly host: HTMLElement) {
    new ResizeObserver(() => { this.update(); }).observe(host);
    watchPixelRatio(() => { this.update(); });
  }

  /** Set the minimum of the study for the image on the screen, in device pixels; 0 without an image. */
  setMinimum(minimum: number): void {
    this.minimum = minimum;
    this.update();
  }

  get tooSmall(): boolean {
    return this.small;
  }

  /** Height of the image pane in device pixels. */
  get height(): number {
    return devicePixels(this.host.clientHeight, window);
  }

  /** Return whether an action would enter or change scores while the image is too small. */
  blocks(action: string): boolean {
    return this.small && (action.startsWith("score") || SCORING_ACTIONS.includes(action));
  }

  update(): void {
    const small = this.minimum > 0 && !isLargeEnough(this.minimum, this.host.clientHeight, window);
    if (small) this.describe();
    if (small === this.small) return;
    this.small = small;
    this.root.hidden = !small;
    // Neither pointer nor keyboard can draw on a covered image.
    this.host.inert = small;
    this.onChange(small);
  }

  private describe(): void {
    const text = `The image area is ${String(this.height)} device pixels high. This study requires at least ${String(this.minimum)} to score a case. `;
    if (this.root.querySelector(".size-now")?.textContent === text) return;
    this.root.replaceChildren(
      el("h2", {}, "The image is too small to be scored"),
      el("p", { class: "size-now" }, text),
      el("p", {}, "Enlarge the window, or use full screen. Your scores are saved, and the case continues as soon as the image is large enough."),
      el("div", { class: "actions" }, button("Full screen", toggleFullScreen, { class: "primary" })),
    );
  }
}

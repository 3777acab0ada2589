/** Keyboard control of the drawing tool: a crosshair that the arrow keys move while the image has the focus. */

import { isNumpadNavigation } from "../../keys";
import type { Pair } from "../../viewer/overlay/marks";
import type { Viewer } from "../../viewer/viewer";

export interface CursorEvents {
  isActive(): boolean;
  /** Positions in CSS pixels of the viewer. */
  moved(at: Pair): void;
  clicked(at: Pair): void;
  removed(): void;
  /** Returns whether a line was being drawn. */
  cancelled(): boolean;
  changed(): void;
}

/** Steps in CSS pixels: Ctrl for small ones, Shift for large ones. */
const STEP = 4;
const SMALL_STEP = 1;
const LARGE_STEP = 20;
const ARROWS: Readonly<Record<string, Pair>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class CursorKeys {
  /** In image pixels, so that the crosshair stays on the same structure; null until the keyboard is used. */
  private at: Pair | null = null;
  private focused = false;

  constructor(
    private readonly focus: HTMLElement,
    private readonly viewer: Viewer,
    private readonly events: CursorEvents,
  ) {
    focus.addEventListener("focus", () => { this.setFocused(true); });
    focus.addEventListener("blur", () => { this.setFocused(false); });
    focus.addEventListener("keydown", (event) => { this.handleKey(event); });
  }

  /** Position of the crosshair in image pixels while it is shown. */
  get shown(): Pair | null {
    return this.focused ? this.at : null;
  }

  private setFocused(focused: boolean): void {
    this.focused = focused;
    const { width, height } = this.viewer.size;
    if (focused) this.at ??= this.toImage([width / 2, height / 2]);
    this.events.changed();
  }

  private handleKey(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    // These combinations belong to the browser and the system.
    if (event.altKey || event.metaKey || !this.events.isActive()) return;
    // They score, whether NumLock is on or off.
    if (isNumpadNavigation(event)) return;
    if (arrow !== undefined) this.move(arrow, event.shiftKey ? LARGE_STEP : event.ctrlKey ? SMALL_STEP : STEP);
    // A key that is held down would click repeatedly.
    else if (event.key === " " && !event.repeat) this.events.clicked(this.onScreen());
    else if (event.key === "Delete" || event.key === "Backspace") this.events.removed();
    else if (event.key === "Escape") { if (!this.events.cancelled()) this.focus.blur(); }
    else return;
    event.preventDefault();
    // Arrow keys would otherwise also move the selection of the score pad.
    event.stopPropagation();
  }

  private move([dx, dy]: Pair, step: number): void {
    const [x, y] = this.onScreen();
    const { width, height } = this.viewer.size;
    const at: Pair = [Math.min(Math.max(x + dx * step, 0), width), Math.min(Math.max(y + dy * step, 0), height)];
    this.at = this.toImage(at);
    this.events.moved(at);
    this.events.changed();
  }

  private onScreen(): Pair {
    const { width, height } = this.viewer.size;
    if (this.at === null) return [width / 2, height / 2];
    const { x, y } = this.viewer.toScreen({ x: this.at[0], y: this.at[1] });
    return [x, y];
  }

  private toImage([x, y]: Pair): Pair {
    const at = this.viewer.toImage({ x, y });
    return [at.x, at.y];
  }
}

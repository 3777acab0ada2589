/**
 * The tool that draws traces and level lines, with mouse, pen, touch and keyboard.
 *
 * Dragging draws freehand, and two clicks draw a straight line. Handles and lines can be dragged. With the
 * keyboard, the arrow keys move a crosshair and the space bar clicks there.
 */

import { el } from "../../dom";
import type { Pair } from "../../viewer/overlay/marks";
import { pixelSize } from "../../viewer/pixelsize";
import type { ImageInfo, Viewer } from "../../viewer/viewer";
import type { Wall } from "../contract";
import { CursorKeys } from "./cursorkeys";
import { boundaryAt, onImage, simplify, EMPTY_DRAWING } from "./drawing";
import type { Drawing } from "./drawing";
import { BOUNDARY_NAMES } from "./geometry";
import { findHit } from "./hits";
import type { Hit } from "./hits";
import { listenToDrawing } from "./pointers";
import { layerContent } from "./layercontent";
import type { Mode } from "./layercontent";
import { Sketch } from "./sketch";
import type { SketchEvents } from "./sketch";
import { NO_CONTENT, TraceLayer } from "./tracelayer";

export interface ToolEvents extends SketchEvents {
  /** Tool, mode, wall or selection changed. */
  stateChanged(): void;
  /** Whether the pointer belongs to another tool, so that a drag must not draw. */
  pointerTaken(): boolean;
  /** Whether nothing may be drawn now, for example because the reading has been submitted. */
  suspended(): boolean;
}

/** Points of a freehand line within this distance of the rest are left out. */
const FREEHAND_TOLERANCE_PX = 1.5;

export class TraceTool {
  readonly focus = el("div", { class: "trace-focus", hidden: true, role: "application", "aria-label": "Image: draw plaques with the arrow keys and the space bar" });
  readonly sketch: Sketch;
  private isSwitchedOn = false;
  private readonly forgetPress: () => void;
  private readonly layer: TraceLayer;
  private readonly cursor: CursorKeys;
  private isShown = false;

  constructor(
    private readonly viewer: Viewer,
    host: HTMLElement,
    private readonly events: ToolEvents,
  ) {
    this.sketch = new Sketch(events);
    this.layer = new TraceLayer(viewer);
    host.append(this.layer.svg, this.focus);
    const previousPaint = viewer.onPaint;
    // Chained: the image pane has set a callback already.
    viewer.onPaint = () => { previousPaint(); this.layer.redraw(); };
    this.forgetPress = listenToDrawing(host, {
      isActive: () => this.active && this.isShown && !this.events.pointerTaken(),
      down: (at, pointer) => { this.act(() => { this.sketch.press(this.hitAt(at, pointer)); }); },
      dragged: (at, path) => { this.render(this.sketch.drag(this.toImage(at), path.map((point) => this.toImage(point)))); },
      hovered: (at) => { if (this.sketch.draft !== null) this.hover(at); },
      released: (at, path) => { this.act(() => { this.release(at, path); }); },
      cancelled: () => { this.cancel(); },
    });
    this.cursor = new CursorKeys(this.focus, viewer, {
      isActive: () => this.active,
      moved: (at) => { this.hover(at); },
      clicked: (at) => { this.act(() => { this.clickWithKey(at); }); },
      removed: () => { this.removeSelected(); },
      cancelled: () => this.cancel(),
      changed: () => { this.render(); },
    });
  }

  get drawing(): Drawing {
    return this.sketch.drawing;
  }

  /** Whether pointer and keyboard draw. */
  get active(): boolean {
    return this.isSwitchedOn && !this.events.suspended();
  }

  /** Show the drawing of a reading; the tool starts in the mode for traces. */
  begin(image: ImageInfo, drawing: Drawing, guided: boolean): void {
    this.isShown = true;
    this.layer.svg.dataset["anterior"] = image.anterior === "left" ? "left" : "right";
    Object.assign(this.sketch, { image, size: pixelSize(image), guided, mode: "traces" });
    this.reset(drawing);
    this.setActive(true);
  }

  end(): void {
    this.sketch.reset(EMPTY_DRAWING);
    this.setActive(false);
    this.isShown = false;
    this.layer.show(NO_CONTENT);
  }

  /** Replace the drawing, for example by that of another window. */
  reset(drawing: Drawing): void {
    this.sketch.reset(drawing);
    this.render();
  }

  setActive(active: boolean): void {
    this.act(() => {
      this.isSwitchedOn = active;
      this.leaveGesture();
    });
  }

  /** Adapt to the start or end of a time in which nothing may be drawn. */
  showSuspension(): void {
    if (this.isShown && this.focus.hidden === this.active) this.act(() => { this.leaveGesture(); });
  }

  setMode(mode: Mode): void {
    this.act(() => {
      this.leaveGesture();
      this.sketch.mode = mode;
      this.sketch.selected = null;
    });
  }

  setWall(wall: Wall): void {
    if (!this.events.suspended()) this.act(() => { this.sketch.setWall(wall); });
  }

  switchWall(): void {
    this.act(() => { this.sketch.switchWall(); });
  }

  undo(): void {
    this.act(() => { this.sketch.undo(); });
  }

  redo(): void {
    this.act(() => { this.sketch.redo(); });
  }

  /** Remove the selected trace; returns false when none is selected. */
  removeSelected(): boolean {
    const removed = this.active && this.sketch.removeSelected();
    if (removed) this.changed();
    return removed;
  }

  deselect(): void {
    if (this.sketch.selected !== null) this.act(() => { this.sketch.selected = null; });
  }

  /** Stop drawing the current line; returns false when none is being drawn. */
  cancel(): boolean {
    const wasDrawing = this.sketch.cancel();
    // The lengths on the pad return to those of the drawing without the cancelled line.
    this.events.previewed(this.drawing);
    this.render();
    return wasDrawing;
  }

  /** Undo the current gesture; the image can have the focus only while the keyboard draws. */
  private leaveGesture(): void {
    const { active } = this;
    this.forgetPress();
    if (!active) this.sketch.selected = null;
    this.focus.hidden = !active;
    this.focus.tabIndex = active ? 0 : -1;
    // The lengths on the pad return to those of the drawing without the gesture.
    if (this.sketch.cancel()) this.events.previewed(this.drawing);
  }

  private hover(at: Pair): void {
    this.sketch.hover(this.toImage(at));
    this.render();
  }

  private release(at: Pair, path: readonly Pair[]): void {
    this.sketch.release(this.toImage(at), simplify(path, FREEHAND_TOLERANCE_PX).map((point) => this.toImage(point)));
  }

  private clickWithKey(at: Pair): void {
    const { sketch } = this;
    const ends = sketch.grabbed !== null || sketch.draft !== null;
    const hit = ends ? null : this.hitAt(at, "mouse");
    if (!ends) sketch.press(hit);
    // A handle is carried until the next click.
    if (hit?.kind !== "point") this.release(at, []);
  }

  private hitAt(at: Pair, pointer: string): Hit | null {
    const { drawing, mode, image, selected } = this.sketch;
    const lines = mode === "levels" ? BOUNDARY_NAMES.map((_, index) => boundaryAt(drawing, index, image)) : drawing.traces.map(({ points }) => points);
    // Distances are compared on the screen, so that lines are as easy to grab at every zoom.
    const onScreen = lines.map((points) => points.map(([x, y]): Pair => {
      const shown = this.viewer.toScreen({ x, y });
      return [shown.x, shown.y];
    }));
    return findHit(onScreen, at, pointer, selected);
  }

  private toImage([x, y]: Pair): Pair {
    const at = this.viewer.toImage({ x, y });
    return onImage([at.x, at.y], this.sketch.image);
  }

  private act(change: () => void): void {
    change();
    this.changed();
  }

  private changed(): void {
    this.render();
    this.events.stateChanged();
  }

  private render(draft = this.sketch.draft): void {
    if (this.isShown) this.layer.show(layerContent(this.sketch, this.active, draft, this.cursor.shown));
  }
}

/** The drawing in progress: its edits, selection and current gesture, in image pixels and without the page. */

import type { Pair } from "../../viewer/overlay/marks";
import { SQUARE_PIXELS } from "../../viewer/pixelsize";
import type { PixelSize } from "../../viewer/pixelsize";
import type { Size } from "../../viewer/view";
import type { Wall } from "../contract";
import {
  addTrace, boundaryAt, insertPoint, moveBoundary, movePoint, nextBoundary, otherWall, removeTrace, setBoundary, switchWall, EMPTY_DRAWING,
} from "./drawing";
import type { Drawing } from "./drawing";
import { changeDrawing, endGesture, redo, startEdit, undo } from "./edit";
import type { Edit } from "./edit";
import { traceLength } from "./geometry";
import type { Hit } from "./hits";
import type { Draft, Mode } from "./layercontent";

export interface SketchEvents {
  /** The drawing changed during a gesture; nothing is saved yet. */
  previewed(drawing: Drawing): void;
  committed(drawing: Drawing): void;
}

export class Sketch {
  mode: Mode = "traces";
  wall: Wall = "posterior";
  selected: number | null = null;
  draft: Draft | null = null;
  grabbed: Hit | null = null;
  guided = false;
  image: Size = { width: 1, height: 1 };
  size: PixelSize = SQUARE_PIXELS;
  private edit: Edit = startEdit(EMPTY_DRAWING);
  private linesComplete = false;
  /** Whether the selected trace was selected by drawing it rather than by the reader. */
  private justDrawn = false;

  constructor(private readonly events: SketchEvents) {}

  get drawing(): Drawing {
    return this.edit.now;
  }

  get canUndo(): boolean {
    return this.edit.past.length > 0;
  }

  /** Number of the level line that is set next; null when all are set, and where guides divide the levels. */
  get nextLine(): number | null {
    return this.guided ? null : nextBoundary(this.drawing);
  }

  get selectedWall(): Wall {
    return this.selected === null ? this.wall : (this.drawing.traces[this.selected]?.wall ?? this.wall);
  }

  reset(drawing: Drawing): void {
    this.edit = startEdit(drawing);
    // So that opening a finished drawing does not look like setting its last line.
    this.linesComplete = this.nextLine === null;
    this.selected = null;
    this.forget();
  }

  /** Choose the wall of the next trace; a trace that the reader has selected moves to it. */
  setWall(wall: Wall): void {
    const { selected } = this;
    const changes = this.selectedWall !== wall;
    this.wall = wall;
    if (selected === null || !changes) return;
    // After drawing one wall, the reader continues with the other one.
    if (this.justDrawn) this.selected = null;
    // A trace drawn on the wrong wall can be moved without drawing it again.
    else this.commit(switchWall(this.drawing, selected));
  }

  switchWall(): void {
    this.setWall(otherWall(this.selectedWall));
  }

  undo(): void {
    this.travel(undo(this.edit));
  }

  redo(): void {
    this.travel(redo(this.edit));
  }

  /** Remove the selected trace; returns false when none is selected. */
  removeSelected(): boolean {
    const { selected } = this;
    if (selected === null || this.mode !== "traces") return false;
    this.selected = null;
    this.forget();
    this.commit(removeTrace(this.drawing, selected));
    return true;
  }

  /** Undo the current gesture; returns false when there is none. */
  cancel(): boolean {
    const wasDrawing = this.draft !== null || this.grabbed !== null;
    // Nothing of a cancelled gesture can be redone.
    if (this.edit.gesture !== "") this.edit = { ...undo(this.edit), future: [] };
    this.forget();
    return wasDrawing;
  }

  /** Forget the line that is being drawn and what was grabbed. */
  forget(): void {
    this.draft = null;
    this.grabbed = null;
    this.edit = endGesture(this.edit);
  }

  /** Grab what lies under the pointer, except when a click is to end a line. */
  press(hit: Hit | null): void {
    this.grabbed = this.draft === null ? hit : null;
    if (this.grabbed === null || this.mode !== "traces") return;
    this.selected = this.grabbed.line;
    this.justDrawn = false;
  }

  /** Follow the pressed pointer; `path` has the points so far. */
  drag(to: Pair, path: readonly Pair[]): Draft | null {
    if (this.grabbed !== null) this.moveGrabbed(to, this.grabbed);
    // A freehand line is not kept as a draft: its path is the draft until it is released.
    else if (this.mode === "traces" && this.draft === null) return { points: path, cursor: to };
    else if (this.mode === "traces" || this.nextLine !== null) this.draft = { points: this.draft?.points ?? path.slice(0, 1), cursor: to };
    return this.draft;
  }

  /** Follow the pointer that is not pressed, or the crosshair. */
  hover(to: Pair): void {
    if (this.grabbed !== null) this.moveGrabbed(to, this.grabbed);
    else if (this.draft !== null) this.draft = { ...this.draft, cursor: to };
  }

  /** Finish a gesture; `path` has the points of a drag and is empty after a click. */
  release(at: Pair, path: readonly Pair[]): void {
    const { grabbed, draft } = this;
    if (grabbed !== null) this.drop(at, grabbed);
    else if (draft !== null) this.finish([...draft.points, at]);
    else if (path.length > 0) this.finish(path);
    else this.startLine(at);
  }

  private drop(at: Pair, grabbed: Hit): void {
    // Only a grabbed point that was moved has changed the drawing.
    const moved = this.edit.gesture !== "";
    this.forget();
    const trace = this.mode === "traces" ? this.drawing.traces[grabbed.line] : undefined;
    if (moved && trace !== undefined && traceLength(trace.points, this.size) === 0) {
      // Both ends at one point: as with a new trace, nothing would be measured.
      this.edit = { ...undo(this.edit), future: [] };
      this.events.previewed(this.drawing);
    } else if (moved) this.announceCommit();
    // A click on a default line starts the reader's own line.
    else if (this.mode === "levels" && (this.drawing.boundaries[grabbed.line] ?? null) === null) this.startLine(at);
  }

  /** The first click starts a line, the second one ends it. */
  private startLine(at: Pair): void {
    this.selected = null;
    if (this.mode === "traces" || this.nextLine !== null) this.draft = { points: [at], cursor: at };
  }

  private moveGrabbed(to: Pair, grabbed: Hit): void {
    const gesture = `${this.mode} ${String(grabbed.line)}`;
    this.edit = changeDrawing(this.edit, this.moved(to, grabbed), gesture);
    // A new point of a trace is moved from now on.
    if (this.mode === "traces") this.grabbed = { ...grabbed, kind: "point" };
    this.events.previewed(this.drawing);
  }

  private moved(to: Pair, grabbed: Hit): Drawing {
    const { line, point, kind } = grabbed;
    if (this.mode === "levels") {
      return setBoundary(this.drawing, line, moveBoundary(boundaryAt(this.drawing, line, this.image), grabbed, to, this.image));
    }
    return kind === "segment" ? insertPoint(this.drawing, line, point, to) : movePoint(this.drawing, line, point, to);
  }

  private finish(points: readonly Pair[]): void {
    this.forget();
    const [first, last] = [points[0], points.at(-1)];
    // A trace without length would be a plaque that measures nothing.
    const line = this.nextLine;
    if (first === undefined || last === undefined || traceLength(points, this.size) === 0) return;
    if (this.mode === "traces") {
      this.selected = this.drawing.traces.length;
      this.justDrawn = true;
      this.commit(addTrace(this.drawing, { wall: this.wall, points }));
    } else if (line !== null) {
      this.commit(setBoundary(this.drawing, line, [first, last]));
    }
  }

  private travel(edit: Edit): void {
    if (edit === this.edit) return;
    this.edit = edit;
    this.selected = null;
    this.forget();
    this.announceCommit();
  }

  private commit(drawing: Drawing): void {
    this.edit = endGesture(changeDrawing(this.edit, drawing));
    this.announceCommit();
  }

  private announceCommit(): void {
    // Once all level lines are set, the next thing to draw is a plaque.
    const complete = this.nextLine === null;
    if (this.mode === "levels" && complete && !this.linesComplete) this.mode = "traces";
    this.linesComplete = complete;
    this.events.committed(this.drawing);
  }
}

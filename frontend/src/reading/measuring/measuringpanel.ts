/** The part of the panel that controls measuring: tool, wall, level lines, and accepting grades. */

import { button, el } from "../../dom";
import { keyLabel } from "../../keys";
import type { Action, Bindings } from "../../keys";
import type { Wall } from "../contract";
import { BOUNDARY_NAMES } from "./geometry";

export interface MeasuringState {
  readonly active: boolean;
  readonly levels: boolean;
  readonly wall: Wall;
  /** The walls from left to right, as shown on the image. */
  readonly columns: readonly [Wall, Wall];
  readonly canUndo: boolean;
  /** Number of level lines set; null where guides divide the levels. */
  readonly linesSet: number | null;
  readonly nextLine: number | null;
  readonly traces: number;
  /** Number of cells without a decision whose grade has been measured. */
  readonly proposed: number;
}

export class MeasuringPanel {
  readonly root = el("div", { class: "measuring", role: "group", "aria-label": "Measure plaques", hidden: true });
  private readonly tool: HTMLButtonElement;
  private readonly walls: readonly HTMLButtonElement[];
  private readonly undo: HTMLButtonElement;
  private readonly lines: HTMLButtonElement;
  private readonly accept: HTMLButtonElement;
  private readonly hint = el("p", { class: "hint" });
  private columns: readonly [Wall, Wall] = ["posterior", "anterior"];

  constructor(runAction: (action: Action) => void, setWall: (wall: Wall) => void) {
    this.tool = button("Draw", () => { runAction("measure"); }, { class: "draw" });
    this.walls = [0, 1].map((side) => button("", () => { setWall(this.columns[side] ?? "posterior"); }));
    this.undo = button("Undo", () => { runAction("undo"); });
    this.lines = button("Level lines", () => { runAction("levels"); });
    this.accept = button("Accept measured grades", () => { runAction("acceptAll"); }, { class: "accept" });
    this.root.append(
      el("div", { class: "measuring-tools" }, this.tool, el("div", { class: "walls", role: "group", "aria-label": "Wall to draw" }, ...this.walls), this.undo),
      el("div", { class: "measuring-tools" }, this.lines, this.accept),
      this.hint,
    );
  }

  show(state: MeasuringState, keys: Bindings): void {
    this.columns = state.columns;
    this.tool.setAttribute("aria-pressed", String(state.active));
    this.tool.title = `Draw on the image (${keyOf(keys, "measure")})`;
    this.walls.forEach((element, side) => {
      const wall = state.columns[side] ?? "posterior";
      element.textContent = wall === "posterior" ? "Posterior" : "Anterior";
      element.className = `wall ${wall}`;
      element.setAttribute("aria-pressed", String(wall === state.wall));
      element.title = `Draw on the ${wall} wall (${keyOf(keys, "wall")} switches)`;
    });
    this.undo.disabled = !state.canUndo;
    this.undo.title = `Undo the last change to the drawing (${keyOf(keys, "undo")})`;
    this.lines.hidden = state.linesSet === null;
    this.lines.textContent = state.linesSet === BOUNDARY_NAMES.length ? "Level lines \u2713" : `Level lines ${String(state.linesSet ?? 0)}/${String(BOUNDARY_NAMES.length)}`;
    this.lines.setAttribute("aria-pressed", String(state.levels));
    this.lines.title = `Set the boundaries of the levels (${keyOf(keys, "levels")})`;
    this.accept.disabled = state.proposed === 0;
    this.accept.title = `Accept the measured grade of every open cell (${keyOf(keys, "acceptAll")})`;
    this.hint.textContent = hintFor(state);
  }
}

/** Return what to do next. */
export function hintFor({ active, levels, linesSet, nextLine, traces, wall }: MeasuringState): string {
  if (!active) return "Drawing is off: dragging changes the window.";
  if (levels && nextLine === null) return "Drag a level line or its ends to adjust it.";
  if (levels) return `Set ${BOUNDARY_NAMES[nextLine ?? 0] ?? ""}: click both of its ends, or drag the dashed line there.`;
  if (traces > 0 && linesSet !== null && linesSet < BOUNDARY_NAMES.length) return "Set the five level lines, so that the traces can be graded.";
  return `Draw along the calcified ${wall} wall: drag, or click both ends.`;
}

function keyOf(keys: Bindings, action: Action): string {
  return keyLabel(keys[action].split(" ")[0] ?? "");
}

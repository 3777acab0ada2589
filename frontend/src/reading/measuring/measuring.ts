/** Measured reading: connects the drawing tool with the open reading, the score pad and the panel. */

import type { Action, Bindings } from "../../keys";
import { pixelSize } from "../../viewer/pixelsize";
import type { PixelSize } from "../../viewer/pixelsize";
import type { Viewer } from "../../viewer/viewer";
import type { CellId, Guides, Score } from "../contract";
import type { OpenReading } from "../openreading";
import { cellName, cellOrder, firstEmpty, isFilled, selectCell } from "../padstate";
import { countBoundaries } from "./drawing";
import type { Drawing } from "./drawing";
import { BOUNDARY_NAMES, measureTraces } from "./geometry";
import type { Boundary, Measures } from "./geometry";
import { MeasuringPanel } from "./measuringpanel";
import { TraceTool } from "./tool";

export interface MeasuringTargets {
  runAction(action: Action): void;
  showNotice(text: string): void;
  keys(): Bindings;
  rulerShown(): boolean;
  /** Whether the reading takes no changes: during a pause and from its submission. */
  suspended(): boolean;
}

interface Measured {
  readonly reading: OpenReading;
  /** The guides as boundaries of the levels; null where the reader sets them. */
  readonly guides: readonly Boundary[] | null;
  readonly size: PixelSize;
  measures: Measures;
  /** The drawing of the reading that the tool shows. */
  adopted: Drawing;
}

export class Measuring {
  readonly panel: MeasuringPanel;
  private readonly tool: TraceTool;
  private open: Measured | null = null;

  constructor(viewer: Viewer, host: HTMLElement, private readonly targets: MeasuringTargets) {
    this.panel = new MeasuringPanel((action) => { targets.runAction(action); }, (wall) => { this.tool.setWall(wall); });
    this.tool = new TraceTool(viewer, host, {
      previewed: (drawing) => { this.preview(drawing); },
      committed: (drawing) => { this.commit(drawing); },
      stateChanged: () => { this.showState(); },
      pointerTaken: () => targets.rulerShown(),
      suspended: () => targets.suspended(),
    });
  }

  /** Whether plaques are measured in the reading on the screen. */
  get isOpen(): boolean {
    return this.open !== null;
  }

  begin(reading: OpenReading, guides: Guides | null): void {
    this.panel.root.hidden = reading.drawing === null;
    if (reading.drawing === null) return;
    const { image, guides_allowed: guided } = reading.reading;
    this.open = { reading, guides: guided ? boundariesOf(guides) : null, size: pixelSize(image), measures: NO_MEASURES, adopted: reading.drawing };
    // Only now, because measuring needs the guides and the pixel size of this reading.
    this.open.measures = this.measure(reading.drawing);
    this.tool.begin(image, reading.drawing, guided);
    this.showMeasures();
  }

  end(): void {
    this.open = null;
    this.tool.end();
    this.panel.root.hidden = true;
  }

  /** Adopt a drawing that did not come from the tool, for example that of another window. */
  render(): void {
    const drawing = this.open?.reading.drawing ?? null;
    if (this.open === null || drawing === null) return;
    if (drawing !== this.open.adopted) {
      this.open.adopted = drawing;
      this.tool.reset(drawing);
      this.open.measures = this.measure(drawing);
      this.showMeasures();
    }
    this.tool.showSuspension();
    this.showState();
  }

  /** Run an action of measured reading; returns false for all other actions. */
  handleAction(action: Action): boolean {
    if (this.open === null) return false;
    switch (action) {
      case "measure": this.toggle(); break;
      case "wall": this.tool.switchWall(); break;
      case "levels": this.toggleLevels(); break;
      case "undo": this.tool.undo(); break;
      case "redo": this.tool.redo(); break;
      case "accept": this.accept(this.open); break;
      case "acceptAll": this.acceptAll(this.open); break;
      case "clear": return this.tool.removeSelected();
      default:
        this.tool.deselect();
        return false;
    }
    return true;
  }

  /** Store the drawing if it never was, so that a reading without plaques differs from one that was not measured. */
  ensureStored(): void {
    const { open } = this;
    if (open !== null && !open.reading.hasStoredDrawing) open.reading.saveDrawing(this.tool.drawing);
  }

  private toggle(): void {
    this.tool.setActive(!this.tool.active);
    // preventScroll, because focusing would move the page to the image on small screens.
    if (this.tool.active) this.tool.focus.focus({ preventScroll: true });
  }

  private toggleLevels(): void {
    if (this.open?.guides !== null) {
      this.targets.showNotice("In this arm, the guides mark the level boundaries.");
      return;
    }
    if (!this.tool.active) this.tool.setActive(true);
    this.tool.setMode(this.tool.sketch.mode === "levels" ? "traces" : "levels");
  }

  private accept({ reading, measures, guides }: Measured): void {
    const id = reading.pad.current;
    if (id === null) return;
    const { grade } = measures.cells[id];
    if (grade === null) {
      this.targets.showNotice(guides === null
        ? `${cellName(id)} has no measured grade yet. Set its level lines, or score it yourself.`
        : `${cellName(id)} has no measured grade, because a guide of its level is missing. Score it yourself.`);
      return;
    }
    // The accepted grade must refer to a stored drawing.
    this.ensureStored();
    this.targets.runAction(`score${grade}`);
  }

  private acceptAll({ reading, measures }: Measured): void {
    this.ensureStored();
    // Cells that the reader has scored are left alone.
    for (const id of this.proposedCells()) reading.save(id, { score: measures.cells[id].grade });
    reading.updatePad((pad) => selectCell(pad, firstEmpty(pad)));
  }

  /** Return the cells without a decision whose grade has been measured. */
  private proposedCells(): CellId[] {
    if (this.open === null) return [];
    const { reading: { pad }, measures } = this.open;
    return cellOrder(pad).filter((id) => !isFilled(pad.cells[id]) && measures.cells[id].grade !== null);
  }

  private preview(drawing: Drawing): void {
    if (this.open === null) return;
    this.open.measures = this.measure(drawing);
    this.showMeasures();
  }

  private commit(drawing: Drawing): void {
    const { open } = this;
    if (open === null) return;
    // Measured from the stored drawing: `open.measures` already has what the gesture previewed.
    const before = open.reading.drawing === null ? open.measures : this.measure(open.reading.drawing);
    open.adopted = drawing;
    open.reading.saveDrawing(drawing);
    open.measures = this.measure(drawing);
    this.showMeasures();
    this.reopenChanged(open, before);
  }

  /** Clear accepted grades that no longer are the measured ones; grades that the reader chose stay. */
  private reopenChanged({ reading, measures }: Measured, before: Measures): void {
    const changed = cellOrder(reading.pad).filter((id) => {
      const { score } = reading.pad.cells[id];
      return score !== null && score === before.cells[id].grade && score !== measures.cells[id].grade;
    });
    for (const id of changed) reading.save(id, { score: null });
    if (changed.length === 0) return;
    if (reading.pad.current === null) reading.updatePad((pad) => selectCell(pad, firstEmpty(pad)));
    const names = changed.map(cellName).join(", ");
    this.targets.showNotice(`${names}: the measured grade has changed. Accept it again.`);
  }

  private measure({ traces, boundaries }: Drawing): Measures {
    if (this.open === null) return NO_MEASURES;
    const { guides, size, reading } = this.open;
    return measureTraces(traces, guides ?? boundaries, size, reading.reading.boundary);
  }

  private showMeasures(): void {
    if (this.open === null) return;
    const { reading, measures, size, guides } = this.open;
    const missing = guides === null ? "set level lines" : "no guide";
    reading.updatePad((pad) => ({ ...pad, measured: { cells: measures.cells, unit: size.unit, missing } }));
  }

  private showState(): void {
    if (this.open === null) return;
    const { tool, open } = this;
    this.panel.show({
      active: tool.active,
      levels: tool.sketch.mode === "levels",
      wall: tool.sketch.selectedWall,
      columns: open.reading.pad.columns,
      canUndo: tool.sketch.canUndo,
      linesSet: open.guides === null ? countBoundaries(tool.drawing) : null,
      nextLine: tool.sketch.nextLine,
      traces: tool.drawing.traces.length,
      proposed: this.proposedCells().length,
    }, this.targets.keys());
  }
}

const NO_CELL = { calcified: null, wall: null, grade: null as Score | null };
const NO_MEASURES: Measures = {
  cells: {
    L1_posterior: NO_CELL, L1_anterior: NO_CELL, L2_posterior: NO_CELL, L2_anterior: NO_CELL,
    L3_posterior: NO_CELL, L3_anterior: NO_CELL, L4_posterior: NO_CELL, L4_anterior: NO_CELL,
    all_posterior: NO_CELL, all_anterior: NO_CELL,
  },
  aac8: { posterior: null, anterior: null },
};

/** Return the guides as boundaries of the levels, null where a guide is missing. */
export function boundariesOf(guides: Guides | null): Boundary[] {
  return BOUNDARY_NAMES.map((name) => {
    const line = guides?.guides.find((guide) => guide.kind === "guide" && guide.name === name);
    return line === undefined ? null : [line.posterior, line.end];
  });
}

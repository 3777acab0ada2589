/** The SVG overlay: guides, vertebral bodies, evidence of the crop check, and a version for comparison. */

import { mergeSharedLabels, findLostLines, levelMargins } from "./cropmarks";
import type { CropCheck } from "./cropmarks";
import { OverlayShapes } from "./overlayshapes";
import { bandOf, outlineOf } from "./marks";
import type { Bodies, GuideLine, Pair } from "./marks";
import { SQUARE_PIXELS } from "../pixelsize";
import type { PixelSize } from "../pixelsize";
import type { Raster, Size, View } from "../view";

const LABEL_GAP = 8;
const CORNER_RADIUS = 3;
const CROSS = "M-5-5 5 5M-5 5 5-5";

/** A landmark set drawn in outline for comparison. */
export interface Compared {
  readonly name: string;
  readonly bodies: Bodies;
}

/** Plaques of one origin. `style` is a class of their lines; `name` is written beside the uppermost end, on `side`. */
export interface PlaqueGroup {
  readonly lines: readonly (readonly Pair[])[];
  readonly style?: string;
  readonly name?: string;
  readonly side?: "left" | "right";
}

export class Overlay {
  private readonly shapes = new OverlayShapes();
  readonly svg = this.shapes.svg;
  private guides: readonly GuideLine[] = [];
  private bodies: Bodies = {};
  private compared: Compared | null = null;
  private crop: CropCheck | null = null;
  private pixels: PixelSize = SQUARE_PIXELS;
  private level: string | null = null;
  private plaques: readonly PlaqueGroup[] = [];
  private anterior: "right" | "left" = "right";

  setAnterior(side: "right" | "left"): void {
    this.anterior = side;
    this.rebuild();
  }

  setGuides(guides: readonly GuideLine[]): void {
    this.guides = guides;
    this.rebuild();
  }

  setBodies(bodies: Bodies): void {
    this.bodies = bodies;
    this.rebuild();
  }

  setCompared(compared: Compared | null): void {
    this.compared = compared;
    this.rebuild();
  }

  setCrop(crop: CropCheck | null, pixels: PixelSize): void {
    this.crop = crop;
    this.pixels = pixels;
    this.rebuild();
  }

  setBand(level: string | null): void {
    this.level = level;
    this.updateBand();
  }

  /** Set the centre lines of plaques, in image pixels. Later groups are drawn above earlier ones. */
  setPlaques(groups: readonly PlaqueGroup[]): void {
    this.plaques = groups;
    this.rebuild();
  }

  setVisible(visible: boolean): void {
    this.svg.style.visibility = visible ? "visible" : "hidden";
  }

  setStrength(strength: number): void {
    this.svg.style.opacity = String(Math.min(1, Math.max(0, strength)));
  }

  updatePositions(raster: Raster, view: View, screen: Size): void {
    this.shapes.updatePositions(raster, view, screen);
  }

  private rebuild(): void {
    this.shapes.clear();
    this.updateBand();
    for (const guide of this.guides) this.addGuide(guide);
    this.addPlaques();
    if (this.compared !== null) this.addCompared(this.compared);
    for (const [name, body] of Object.entries(this.bodies)) {
      if (body !== null) this.addBody(name, outlineOf(body));
    }
    if (this.crop !== null) this.addCrop(this.crop);
  }

  private updateBand(): void {
    this.shapes.setBand(this.level === null ? null : bandOf(this.guides, this.level));
  }

  private addGuide(guide: GuideLine): void {
    const third = guide.kind === "third" ? " third" : "";
    this.shapes.shapeWithHalo("polyline", [guide.posterior, guide.end], `guide-halo${third}`, `guide-line${third}`);
    // On the posterior side, where the label does not cover the aorta.
    if (guide.kind === "guide") this.labelBeside(guide.name, guide.posterior, this.anterior === "right" ? "left" : "right", "");
  }

  private addPlaques(): void {
    // All halos first, so that the halo of one line never covers another line.
    for (const line of this.plaques.flatMap(({ lines }) => lines)) this.shapes.addShape("polyline", line, "plaque-halo");
    for (const { lines, style = "", name, side = "right" } of this.plaques) {
      for (const line of lines) this.shapes.addShape("polyline", line, `plaque ${style}`.trim());
      const [top] = lines.flat().sort((a, b) => a[1] - b[1]);
      if (name !== undefined && top !== undefined) this.labelBeside(name, top, side, `plaque-name ${style}`.trim());
    }
  }

  private addBody(name: string, corners: Pair[]): void {
    if (corners.length === 0) return;
    this.shapes.shapeWithHalo("polygon", corners, "outline-halo", "outline");
    for (const at of corners) this.shapes.addMark("circle", at, { class: "corner", r: CORNER_RADIUS });
    this.shapes.addLabel(name, middleOf(corners), "body-name");
  }

  private addCompared({ name, bodies }: Compared): void {
    const outlines = Object.values(bodies).flatMap((body) => (body === null ? [] : [outlineOf(body)]));
    for (const corners of outlines) this.shapes.shapeWithHalo("polygon", corners, "outline-halo", "outline compared");
    const [top] = outlines.flat().sort((a, b) => a[1] - b[1]);
    if (top !== undefined) this.labelBeside(name, top, this.anterior, "compared-name");
  }

  private addCrop(crop: CropCheck): void {
    const wallLine = crop.evidence.front ?? [];
    for (const edge of [crop.evidence.front_near ?? [], crop.evidence.front_far ?? []]) {
      if (edge.length > 0) this.shapes.shapeWithHalo("polyline", edge, "wall-range-halo", "wall-range");
    }
    if (wallLine.length > 0) this.shapes.shapeWithHalo("polyline", wallLine, "wall-halo", "wall-line");
    for (const { level, from, to, side, verdict, text } of mergeSharedLabels(levelMargins(crop, this.pixels))) {
      const className = verdict === "cropped" ? "margin lost" : "margin";
      if (to !== null) this.shapes.shapeWithHalo("polyline", [from, to], "margin-halo", className);
      const labelSide = side === "right" || side === "left" ? side : this.anterior;
      // A cropped level's end lies outside the field, where a label might be invisible.
      const anchor = to === null || verdict === "cropped" ? from : to;
      this.labelBeside(`${level}: ${text}`, anchor, labelSide, `crop-label ${className}`);
    }
    for (const { at } of findLostLines(crop)) {
      this.shapes.addMark("path", at, { class: "lost-halo", d: CROSS });
      this.shapes.addMark("path", at, { class: "lost-mark", d: CROSS });
    }
  }

  /** Add a label to the left or right of a point. */
  private labelBeside(text: string, at: Pair, side: "left" | "right", className: string): void {
    this.shapes.addLabelBeside(text, at, side === "left" ? -LABEL_GAP : LABEL_GAP, className);
  }
}

function middleOf(corners: readonly Pair[]): Pair {
  return [mean(corners.map((c) => c[0])), mean(corners.map((c) => c[1]))];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

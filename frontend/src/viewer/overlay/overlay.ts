/** The SVG over the image: guides, bodies, the crop check's evidence, and another version beside them. */

import { labelled, lossesOf, roomsOf } from "./cropmarks";
import type { CropCheck } from "./cropmarks";
import { Ink } from "./overlayshapes";
import { bandOf, outlineOf } from "./marks";
import type { Bodies, GuideLine, Pair } from "./marks";
import { SQUARE } from "../pixelsize";
import type { PixelSize } from "../pixelsize";
import type { Raster, Size, View } from "../view";

const LABEL_GAP = 8;
const CORNER_RADIUS = 3;
const CROSS = "M-5-5 5 5M-5 5 5-5";

/** Another landmark set, in outline. */
export interface Compared {
  readonly name: string;
  readonly bodies: Bodies;
}

export class Overlay {
  private readonly ink = new Ink();
  readonly svg = this.ink.svg;
  private guides: readonly GuideLine[] = [];
  private bodies: Bodies = {};
  private compared: Compared | null = null;
  private crop: CropCheck | null = null;
  private pixels: PixelSize = SQUARE;
  private level: string | null = null;
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
    if (level === this.level) return;
    this.level = level;
    this.rebuild();
  }

  setVisible(visible: boolean): void {
    this.svg.style.visibility = visible ? "visible" : "hidden";
  }

  setStrength(share: number): void {
    this.svg.style.opacity = String(Math.min(1, Math.max(0, share)));
  }

  place(raster: Raster, view: View, screen: Size): void {
    this.ink.place(raster, view, screen);
  }

  private rebuild(): void {
    this.ink.clear();
    const band = this.level === null ? null : bandOf(this.guides, this.level);
    if (band !== null) this.ink.shape("polygon", band, "band");
    for (const guide of this.guides) this.addGuide(guide);
    if (this.compared !== null) this.addCompared(this.compared);
    for (const [name, body] of Object.entries(this.bodies)) {
      if (body !== null) this.addBody(name, outlineOf(body));
    }
    if (this.crop !== null) this.addCrop(this.crop);
  }

  private addGuide(guide: GuideLine): void {
    const third = guide.kind === "third" ? " third" : "";
    this.ink.haloed("polyline", [guide.posterior, guide.end], `guide-halo${third}`, `guide-line${third}`);
    if (guide.kind === "guide") this.beside(guide.name, guide.posterior, this.anterior === "right" ? "left" : "right", "");
  }

  private addBody(name: string, corners: Pair[]): void {
    if (corners.length === 0) return;
    this.ink.haloed("polygon", corners, "outline-halo", "outline");
    for (const at of corners) this.ink.mark("circle", at, { class: "corner", r: CORNER_RADIUS });
    this.ink.label(name, middleOf(corners), "body-name");
  }

  private addCompared({ name, bodies }: Compared): void {
    const outlines = Object.values(bodies).flatMap((body) => (body === null ? [] : [outlineOf(body)]));
    for (const corners of outlines) this.ink.haloed("polygon", corners, "outline-halo", "outline compared");
    const [top] = outlines.flat().sort((a, b) => a[1] - b[1]);
    if (top !== undefined) this.beside(name, top, this.anterior, "compared-name");
  }

  private addCrop(crop: CropCheck): void {
    const front = crop.evidence.front ?? [];
    for (const edge of [crop.evidence.front_near ?? [], crop.evidence.front_far ?? []]) {
      if (edge.length > 0) this.ink.haloed("polyline", edge, "front-edge-halo", "front-edge");
    }
    if (front.length > 0) this.ink.haloed("polyline", front, "front-halo", "front-line");
    for (const { level, from, to, side, verdict, text } of labelled(roomsOf(crop, this.pixels))) {
      const cls = verdict === "cropped" ? "room lost" : "room";
      if (to !== null) this.ink.haloed("polyline", [from, to], "room-halo", cls);
      const ahead = side === "right" || side === "left" ? side : this.anterior;
      const outer = to === null || verdict === "cropped" ? from : to;
      this.beside(`${level}: ${text}`, outer, ahead, `crop-label ${cls}`);
    }
    for (const { at } of lossesOf(crop)) {
      this.ink.mark("path", at, { class: "loss-halo", d: CROSS });
      this.ink.mark("path", at, { class: "loss", d: CROSS });
    }
  }

  /** A label to the left or to the right of a place. */
  private beside(text: string, at: Pair, side: "left" | "right", cls: string): void {
    this.ink.labelBeside(text, at, side === "left" ? -LABEL_GAP : LABEL_GAP, cls);
  }
}

function middleOf(corners: readonly Pair[]): Pair {
  return [mean(corners.map((c) => c[0])), mean(corners.map((c) => c[1]))];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** SVG shapes that scale with the image, and marks and labels of constant size. */

import { labelOffset } from "./labelposition";
import type { Pair } from "./marks";
import { svgMatrix, toScreen } from "../view";
import type { Point, Raster, Size, View } from "../view";

const SVG = "http://www.w3.org/2000/svg";

interface Anchored {
  readonly element: SVGElement;
  readonly at: Pair;
}

/** A label beside a point; `length` in CSS pixels is measured when it is first drawn. */
interface Label extends Anchored {
  readonly element: SVGTextElement;
  readonly dx: number;
  length: number | null;
}

type Attributes = Record<string, string | number>;

export class OverlayShapes {
  readonly svg = createSvg("svg", { "aria-hidden": "true" });
  private readonly scaled = createSvg("g", {});
  private readonly unscaled = createSvg("g", {});
  /** Kept from key to key: building all shapes again would make the browser measure every label. */
  private readonly band = createSvg("polygon", { class: "band" });
  private anchoredMarks: Anchored[] = [];
  private labels: Label[] = [];

  constructor() {
    this.scaled.append(this.band);
    this.svg.append(this.scaled, this.unscaled);
  }

  clear(): void {
    this.scaled.replaceChildren(this.band);
    this.unscaled.replaceChildren();
    this.anchoredMarks = [];
    this.labels = [];
  }

  /** Set the area behind all other shapes, in image pixels; null for none. */
  setBand(points: readonly Pair[] | null): void {
    this.band.setAttribute("points", points === null ? "" : pointList(points));
  }

  /** Add a shape given in image pixels. */
  addShape(kind: "polyline" | "polygon", points: readonly Pair[], className: string): void {
    this.scaled.append(createSvg(kind, { class: className, points: pointList(points) }));
  }

  /** Add a shape twice: a dark halo below the line, so that it is visible on any grey level. */
  shapeWithHalo(kind: "polyline" | "polygon", points: readonly Pair[], halo: string, line: string): void {
    this.addShape(kind, points, halo);
    this.addShape(kind, points, line);
  }

  /** Add a mark of constant size at a point of the image. */
  addMark(kind: "circle" | "path", at: Pair, attributes: Attributes): void {
    this.addAnchored(createSvg(kind, attributes), at);
  }

  /** Add text centred on a point. */
  addLabel(text: string, at: Pair, className: string): void {
    this.addAnchored(createText(text, { class: className, "text-anchor": "middle" }), at);
  }

  /** Add text to the left (`dx` < 0) or right of a point; labelOffset may choose the other side. */
  addLabelBeside(text: string, at: Pair, dx: number, className: string): void {
    const element = createText(text, { class: className });
    this.unscaled.append(element);
    this.labels.push({ element, at, dx, length: null });
  }

  updatePositions(raster: Raster, view: View, screen: Size): void {
    this.scaled.setAttribute("transform", `matrix(${svgMatrix(raster, view).join(" ")})`);
    const toViewer = ([x, y]: Pair): Point => toScreen(raster, view, { x, y });
    for (const { element, at } of this.anchoredMarks) move(element, toViewer(at), 0);
    // Measured once, and before any of them moves: a measurement after a change makes the browser lay out the page.
    for (const label of this.labels) label.length ??= label.element.getComputedTextLength();
    for (const label of this.labels) {
      const dx = labelOffset(toViewer(label.at).x, label.dx, label.length ?? 0, screen.width);
      label.element.setAttribute("text-anchor", dx < 0 ? "end" : "start");
      move(label.element, toViewer(label.at), dx);
    }
  }

  private addAnchored(element: SVGElement, at: Pair): void {
    this.unscaled.append(element);
    this.anchoredMarks.push({ element, at });
  }
}

function move(element: SVGElement, to: Point, dx: number): void {
  element.setAttribute("transform", `translate(${String(to.x + dx)} ${String(to.y)})`);
}

function createText(text: string, attributes: Attributes): SVGTextElement {
  const element = createSvg("text", { "dominant-baseline": "middle", ...attributes });
  element.textContent = text;
  return element;
}

function createSvg<K extends keyof SVGElementTagNameMap>(name: K, attributes: Attributes): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function pointList(points: readonly Pair[]): string {
  return points.map(([x, y]) => `${String(x)},${String(y)}`).join(" ");
}

/** What is drawn over the image: shapes that grow with it, and marks and labels that keep their size. */

import { gapInSight } from "./labelplace";
import type { Pair } from "./marks";
import { matrix, toScreen } from "../view";
import type { Point, Raster, Size, View } from "../view";

const SVG = "http://www.w3.org/2000/svg";

interface Anchored {
  readonly element: SVGElement;
  readonly at: Pair;
}

/** A label beside its place; `length` is measured when it is first drawn. */
interface Label extends Anchored {
  readonly element: SVGTextElement;
  readonly dx: number;
  length: number | null;
}

type Attributes = Record<string, string | number>;

export class Ink {
  readonly svg = make("svg", { "aria-hidden": "true" });
  private readonly scaled = make("g", {});
  private readonly upright = make("g", {});
  private anchored: Anchored[] = [];
  private labels: Label[] = [];

  constructor() {
    this.svg.append(this.scaled, this.upright);
  }

  clear(): void {
    this.scaled.replaceChildren();
    this.upright.replaceChildren();
    this.anchored = [];
    this.labels = [];
  }

  /** A shape in image pixels. */
  shape(kind: "polyline" | "polygon", points: readonly Pair[], cls: string): void {
    this.scaled.append(make(kind, { class: cls, points: listed(points) }));
  }

  /** The same shape twice: a dark halo under its line. */
  haloed(kind: "polyline" | "polygon", points: readonly Pair[], halo: string, line: string): void {
    this.shape(kind, points, halo);
    this.shape(kind, points, line);
  }

  /** A mark of a size of its own at a place of the image. */
  mark(kind: "circle" | "path", at: Pair, attributes: Attributes): void {
    this.anchor(make(kind, attributes), at);
  }

  /** Text in the middle of a place. */
  label(text: string, at: Pair, cls: string): void {
    this.anchor(written(text, { class: cls, "text-anchor": "middle" }), at);
  }

  /** Text to the left (`dx` below 0) or to the right of a place: on the other side where it would be cut off. */
  labelBeside(text: string, at: Pair, dx: number, cls: string): void {
    const element = written(text, { class: cls });
    this.upright.append(element);
    this.labels.push({ element, at, dx, length: null });
  }

  place(raster: Raster, view: View, screen: Size): void {
    this.scaled.setAttribute("transform", `matrix(${matrix(raster, view).join(" ")})`);
    const on = ([x, y]: Pair): Point => toScreen(raster, view, { x, y });
    for (const { element, at } of this.anchored) move(element, on(at), 0);
    for (const label of this.labels) {
      label.length ??= label.element.getComputedTextLength();
      const dx = gapInSight(on(label.at).x, label.dx, label.length, screen.width);
      label.element.setAttribute("text-anchor", dx < 0 ? "end" : "start");
      move(label.element, on(label.at), dx);
    }
  }

  private anchor(element: SVGElement, at: Pair): void {
    this.upright.append(element);
    this.anchored.push({ element, at });
  }
}

function move(element: SVGElement, to: Point, dx: number): void {
  element.setAttribute("transform", `translate(${String(to.x + dx)} ${String(to.y)})`);
}

function written(text: string, attributes: Attributes): SVGTextElement {
  const element = make("text", { "dominant-baseline": "middle", ...attributes });
  element.textContent = text;
  return element;
}

function make<K extends keyof SVGElementTagNameMap>(name: K, attributes: Attributes): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function listed(points: readonly Pair[]): string {
  return points.map(([x, y]) => `${String(x)},${String(y)}`).join(" ");
}

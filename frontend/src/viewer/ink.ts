/** What is drawn over the image: shapes that grow with it, and marks and labels that keep their size. */

import type { Pair } from "./marks";
import { matrix, toScreen } from "./view";
import type { Raster, View } from "./view";

const SVG = "http://www.w3.org/2000/svg";

interface Anchored {
  readonly element: SVGElement;
  readonly at: Pair;
  readonly dx: number;
}

type Attributes = Record<string, string | number>;

export class Ink {
  readonly svg = make("svg", { "aria-hidden": "true" });
  private readonly scaled = make("g", {});
  private readonly upright = make("g", {});
  private anchored: Anchored[] = [];

  constructor() {
    this.svg.append(this.scaled, this.upright);
  }

  clear(): void {
    this.scaled.replaceChildren();
    this.upright.replaceChildren();
    this.anchored = [];
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
    this.anchor(make(kind, attributes), at, 0);
  }

  label(text: string, at: Pair, attributes: Attributes, dx = 0): void {
    const label = make("text", { "dominant-baseline": "middle", ...attributes });
    label.textContent = text;
    this.anchor(label, at, dx);
  }

  place(raster: Raster, view: View): void {
    this.scaled.setAttribute("transform", `matrix(${matrix(raster, view).join(" ")})`);
    for (const { element, at, dx } of this.anchored) {
      const point = toScreen(raster, view, { x: at[0], y: at[1] });
      element.setAttribute("transform", `translate(${String(point.x + dx)} ${String(point.y)})`);
    }
  }

  private anchor(element: SVGElement, at: Pair, dx: number): void {
    this.upright.append(element);
    this.anchored.push({ element, at, dx });
  }
}

function make<K extends keyof SVGElementTagNameMap>(name: K, attributes: Attributes): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function listed(points: readonly Pair[]): string {
  return points.map(([x, y]) => `${String(x)},${String(y)}`).join(" ");
}

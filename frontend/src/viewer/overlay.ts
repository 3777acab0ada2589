/** The SVG over the image: one group under the image's own transform, and labels beside it. */

import { bandOf, outlineOf } from "./marks";
import type { Bodies, GuideLine, Pair } from "./marks";
import { matrix, toScreen } from "./view";
import type { Raster, View } from "./view";

const SVG = "http://www.w3.org/2000/svg";
const LABEL_GAP = 8;
const CORNER_RADIUS = 3;

interface Anchored {
  readonly element: SVGElement;
  readonly at: Pair;
  readonly dx: number;
}

export class Overlay {
  readonly svg: SVGSVGElement;
  private readonly scaled: SVGGElement;
  private readonly upright: SVGGElement;
  private guides: readonly GuideLine[] = [];
  private bodies: Bodies = {};
  private level: string | null = null;
  private anterior: "right" | "left" = "right";
  private anchored: Anchored[] = [];

  constructor() {
    this.svg = make("svg", {});
    this.svg.setAttribute("aria-hidden", "true");
    this.scaled = make("g", {});
    this.upright = make("g", {});
    this.svg.append(this.scaled, this.upright);
  }

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

  place(raster: Raster, view: View): void {
    this.scaled.setAttribute("transform", `matrix(${matrix(raster, view).join(" ")})`);
    for (const { element, at, dx } of this.anchored) {
      const point = toScreen(raster, view, { x: at[0], y: at[1] });
      element.setAttribute("transform", `translate(${String(point.x + dx)} ${String(point.y)})`);
    }
  }

  private rebuild(): void {
    this.scaled.replaceChildren();
    this.upright.replaceChildren();
    this.anchored = [];
    const band = this.level === null ? null : bandOf(this.guides, this.level);
    if (band !== null) this.scaled.append(make("polygon", { class: "band", points: listed(band) }));
    for (const guide of this.guides) this.addGuide(guide);
    for (const [name, body] of Object.entries(this.bodies)) {
      if (body !== null) this.addBody(name, outlineOf(body));
    }
  }

  private addGuide(guide: GuideLine): void {
    const group = make("g", { class: guide.kind });
    const points = listed([guide.posterior, guide.end]);
    group.append(make("polyline", { class: "guide-halo", points }));
    group.append(make("polyline", { class: "guide-line", points }));
    this.scaled.append(group);
    if (guide.kind === "guide") this.addLabel(guide.name, guide.posterior);
  }

  private addLabel(name: string, at: Pair): void {
    const posteriorLeft = this.anterior === "right";
    const anchor = posteriorLeft ? "end" : "start";
    const label = make("text", { "text-anchor": anchor, "dominant-baseline": "middle" });
    label.textContent = name;
    this.anchor(label, at, posteriorLeft ? -LABEL_GAP : LABEL_GAP);
  }

  private addBody(name: string, corners: Pair[]): void {
    if (corners.length === 0) return;
    const points = listed(corners);
    this.scaled.append(make("polygon", { class: "outline-halo", points }));
    this.scaled.append(make("polygon", { class: "outline", points }));
    for (const at of corners) this.anchor(make("circle", { class: "corner", r: CORNER_RADIUS }), at, 0);
    const middle: Pair = [mean(corners.map((c) => c[0])), mean(corners.map((c) => c[1]))];
    const text = { class: "body-name", "text-anchor": "middle", "dominant-baseline": "middle" };
    const label = make("text", text);
    label.textContent = name;
    this.anchor(label, middle, 0);
  }

  private anchor(element: SVGElement, at: Pair, dx: number): void {
    this.upright.append(element);
    this.anchored.push({ element, at, dx });
  }
}

function make<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Record<string, string | number>,
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function listed(points: readonly Pair[]): string {
  return points.map(([x, y]) => `${String(x)},${String(y)}`).join(" ");
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

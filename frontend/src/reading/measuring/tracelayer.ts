/** Draws traces, level lines and the keyboard's crosshair over the image, in CSS pixels of the viewer. */

import type { Pair } from "../../viewer/overlay/marks";
import type { Viewer } from "../../viewer/viewer";
import type { Wall } from "../contract";
import { BOUNDARY_NAMES } from "./geometry";

const SVG = "http://www.w3.org/2000/svg";
const HANDLE_RADIUS = 5;
const LABEL_GAP = 10;
const CROSSHAIR = "M-14 0H-4M4 0H14M0-14V-4M0 4V14";

export interface ShownTrace {
  readonly wall: Wall;
  readonly points: readonly Pair[];
  readonly label: string;
  readonly selected: boolean;
  /** Not finished: its last point follows the pointer. */
  readonly draft: boolean;
}

export interface ShownBoundary {
  readonly index: number;
  readonly points: readonly Pair[];
  readonly state: "set" | "default" | "draft";
  readonly handles: boolean;
}

/** Everything that is drawn, in image pixels. */
export interface LayerContent {
  readonly traces: readonly ShownTrace[];
  readonly boundaries: readonly ShownBoundary[];
  readonly crosshair: Pair | null;
}

export const NO_CONTENT: LayerContent = { traces: [], boundaries: [], crosshair: null };

export class TraceLayer {
  readonly svg = document.createElementNS(SVG, "svg");
  private content: LayerContent = NO_CONTENT;

  constructor(private readonly viewer: Viewer) {
    this.svg.setAttribute("aria-hidden", "true");
    this.svg.classList.add("traces");
  }

  show(content: LayerContent): void {
    this.content = content;
    this.redraw();
  }

  /** Draw again, after a change or when the image has moved. */
  redraw(): void {
    const { boundaries, traces, crosshair } = this.content;
    this.svg.replaceChildren(
      ...boundaries.flatMap((line) => this.boundaryElements(line)),
      ...traces.flatMap((trace) => this.traceElements(trace)),
      ...(crosshair === null ? [] : this.crosshairElements(crosshair)),
    );
  }

  private boundaryElements({ index, points, state, handles }: ShownBoundary): SVGElement[] {
    const path = points.map((point) => this.toScreen(point));
    const elements = withHalo(path, `level-line ${state}`);
    if (handles) elements.push(...path.map((at) => handle(at, `level-handle ${state}`)));
    const left = path.reduce<Pair | null>((first, at) => (first === null || at[0] < first[0] ? at : first), null);
    if (left !== null) elements.push(label(BOUNDARY_NAMES[index] ?? "", [left[0] - LABEL_GAP, left[1]], "end", `level-name ${state}`));
    return elements;
  }

  private traceElements({ wall, points, label: text, selected, draft }: ShownTrace): SVGElement[] {
    const path = points.map((point) => this.toScreen(point));
    const state = `${wall}${selected ? " selected" : ""}${draft ? " draft" : ""}`;
    const elements = withHalo(path, `trace ${state}`);
    if (selected || path.length === 1) elements.push(...path.map((at) => handle(at, `trace-handle ${state}`)));
    const [first, last] = [path[0], path.at(-1)];
    if (first !== undefined && last !== undefined && text !== "") {
      const end = first[1] > last[1] ? first : last;
      // Anterior labels go to the anterior side and posterior ones to the other, clear of the aorta.
      const rightwards = (wall === "anterior") === (this.svg.dataset["anterior"] !== "left");
      elements.push(label(text, [end[0] + (rightwards ? LABEL_GAP : -LABEL_GAP), end[1]], rightwards ? "start" : "end", `trace-label ${state}`));
    }
    return elements;
  }

  private crosshairElements(at: Pair): SVGElement[] {
    const [x, y] = this.toScreen(at);
    return ["crosshair-halo", "crosshair"].map((name) => svg("path", { class: name, d: CROSSHAIR, transform: `translate(${String(x)} ${String(y)})` }));
  }

  private toScreen([x, y]: Pair): Pair {
    const at = this.viewer.toScreen({ x, y });
    return [at.x, at.y];
  }
}

function withHalo(path: readonly Pair[], name: string): SVGElement[] {
  const points = path.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  // A halo below the line keeps it visible on bright and on dark parts of the image.
  return [`halo ${name}`, `line ${name}`].map((className) => svg("polyline", { class: className, points }));
}

function handle([x, y]: Pair, className: string): SVGElement {
  return svg("circle", { class: className, cx: x.toFixed(1), cy: y.toFixed(1), r: String(HANDLE_RADIUS) });
}

function label(text: string, [x, y]: Pair, anchor: string, className: string): SVGElement {
  const attributes = { class: className, x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor, "dominant-baseline": "middle" };
  const element = svg("text", attributes);
  element.textContent = text;
  return element;
}

function svg(name: string, attributes: Record<string, string>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

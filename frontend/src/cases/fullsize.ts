/** One image at full size with its edges, every pixel of the image a pixel of the page. */

import { button, el } from "../dom";
import { equalised, opaque, partOf, windowed } from "../viewer/equalise";
import type { Rectangle } from "../viewer/equalise";
import type { Stored } from "../viewer/windowlut";
import type { ImageFacts } from "../viewer/viewer";
import { table } from "../viewer/window";
import { edgeStrips } from "./edges";
import type { Edge } from "./edges";

const EDGE_NAMES: Readonly<Record<Edge, string>> = {
  top: "Top edge",
  bottom: "Bottom edge",
  left: "Left edge",
  right: "Right edge",
};

export class FullSize {
  readonly root = el("div", { class: "full-size" });
  private stretched = true;
  private inverted: boolean;

  constructor(
    private readonly facts: ImageFacts,
    private readonly values: Stored,
  ) {
    this.inverted = facts.invert;
    this.draw();
  }

  private draw(): void {
    const strips = edgeStrips(this.facts);
    const whole = { left: 0, top: 0, width: this.facts.width, height: this.facts.height };
    this.root.replaceChildren(
      this.tools(),
      this.strip("top", strips.top),
      el(
        "div",
        { class: "full-size-middle", tabindex: 0, role: "group", "aria-label": "Image at full size" },
        this.strip("left", strips.left),
        el("figure", {}, el("figcaption", {}, "Whole image"), this.picture(whole, "Whole image")),
        this.strip("right", strips.right),
      ),
      this.strip("bottom", strips.bottom),
    );
  }

  private tools(): HTMLElement {
    const stretch = button("Stretched contrast", () => { this.stretched = !this.stretched; this.draw(); this.focus(0); }, {
      "aria-pressed": String(this.stretched),
      title: "Off: the scanner's window",
    });
    const invert = button("Invert", () => { this.inverted = !this.inverted; this.draw(); this.focus(1); }, {
      "aria-pressed": String(this.inverted !== this.facts.invert),
    });
    return el("div", { class: "case-tools" }, stretch, invert);
  }

  private focus(tool: number): void {
    this.root.querySelectorAll<HTMLElement>(".case-tools button")[tool]?.focus();
  }

  private strip(edge: Edge, part: Rectangle): HTMLElement {
    const name = EDGE_NAMES[edge];
    return el("figure", { class: `edge ${edge}` }, el("figcaption", {}, name), this.picture(part, name));
  }

  private picture(part: Rectangle, name: string): HTMLCanvasElement {
    const { bits, windows } = this.facts;
    const values = partOf(this.values, this.facts, part);
    const full = 2 ** bits;
    const window = windows[0] ?? { center: full / 2, width: full };
    const greys = this.stretched
      ? equalised(values, part, bits, this.inverted)
      : windowed(values, table(bits, window, this.inverted));
    const canvas = el("canvas", { width: part.width, height: part.height, role: "img", "aria-label": name });
    canvas.getContext("2d")?.putImageData(new ImageData(opaque(greys), part.width, part.height), 0, 0);
    return canvas;
  }
}

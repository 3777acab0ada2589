/** An image at full size with its edge strips; one image pixel is one CSS pixel. */

import { button, el } from "../../dom";
import { equaliseTiles, toRgba, copyPart, applyGreyTable } from "../../viewer/equalise";
import type { Rectangle } from "../../viewer/equalise";
import type { PixelValues } from "../../viewer/windowlut";
import type { ImageInfo } from "../../viewer/viewer";
import { greyTable } from "../../viewer/window";
import { edgeStrips } from "./edges";
import type { Edge } from "./edges";

const EDGE_NAMES: Readonly<Record<Edge, string>> = {
  top: "Top edge",
  bottom: "Bottom edge",
  left: "Left edge",
  right: "Right edge",
};

export class FullSizeImage {
  readonly root = el("div", { class: "full-size" });
  private equalised = true;
  private inverted: boolean;

  constructor(
    private readonly image: ImageInfo,
    private readonly values: PixelValues,
  ) {
    this.inverted = image.invert;
    this.draw();
  }

  private draw(): void {
    const strips = edgeStrips(this.image);
    const whole = { left: 0, top: 0, width: this.image.width, height: this.image.height };
    this.root.replaceChildren(
      this.tools(),
      this.edgeFigure("top", strips.top),
      el(
        "div",
        { class: "full-size-middle", tabindex: 0, role: "group", "aria-label": "Image at full size" },
        this.edgeFigure("left", strips.left),
        el("figure", {}, el("figcaption", {}, "Whole image"), this.createCanvas(whole, "Whole image")),
        this.edgeFigure("right", strips.right),
      ),
      this.edgeFigure("bottom", strips.bottom),
    );
  }

  private tools(): HTMLElement {
    const equaliseButton = button("Enhanced contrast", () => { this.equalised = !this.equalised; this.draw(); this.focusTool(0); }, {
      "aria-pressed": String(this.equalised),
      title: "When off, the image is shown with the window of the scanner",
    });
    const invertButton = button("Invert", () => { this.inverted = !this.inverted; this.draw(); this.focusTool(1); }, {
      "aria-pressed": String(this.inverted !== this.image.invert),
    });
    return el("div", { class: "case-tools" }, equaliseButton, invertButton);
  }

  private focusTool(tool: number): void {
    this.root.querySelectorAll<HTMLElement>(".case-tools button")[tool]?.focus();
  }

  private edgeFigure(edge: Edge, part: Rectangle): HTMLElement {
    const name = EDGE_NAMES[edge];
    return el("figure", { class: `edge ${edge}` }, el("figcaption", {}, name), this.createCanvas(part, name));
  }

  private createCanvas(part: Rectangle, name: string): HTMLCanvasElement {
    const { bits, windows } = this.image;
    const values = copyPart(this.values, this.image, part);
    const full = 2 ** bits;
    const window = windows[0] ?? { center: full / 2, width: full };
    const greys = this.equalised
      ? equaliseTiles(values, part, bits, this.inverted)
      : applyGreyTable(values, greyTable(bits, window, this.inverted));
    const canvas = el("canvas", { width: part.width, height: part.height, role: "img", "aria-label": name });
    canvas.getContext("2d")?.putImageData(new ImageData(toRgba(greys), part.width, part.height), 0, 0);
    return canvas;
  }
}

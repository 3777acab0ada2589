/** An image at full size with its edge strips; one image pixel is one CSS pixel. */

import { html, render } from "lit-html";
import type { TemplateResult } from "lit-html";
import { el } from "../../dom";
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
    const { top, left, right, bottom } = edgeStrips(this.image);
    const whole = { left: 0, top: 0, width: this.image.width, height: this.image.height };
    render(html`
      ${this.tools()}
      ${this.edgeFigure("top", top)}
      <div class="full-size-middle" tabindex="0" role="group" aria-label="Image at full size">
        ${this.edgeFigure("left", left)}
        <figure><figcaption>Whole image</figcaption>${this.createCanvas(whole, "Whole image")}</figure>
        ${this.edgeFigure("right", right)}
      </div>
      ${this.edgeFigure("bottom", bottom)}
    `, this.root);
  }

  private tools(): TemplateResult {
    const equalise = (): void => { this.equalised = !this.equalised; this.draw(); };
    const invert = (): void => { this.inverted = !this.inverted; this.draw(); };
    return html`<div class="case-tools">
      <button type="button" aria-pressed=${String(this.equalised)} title="When off, the image is shown with the scanner's window" @click=${equalise}>Enhanced contrast</button>
      <button type="button" aria-pressed=${String(this.inverted !== this.image.invert)} @click=${invert}>Invert</button>
    </div>`;
  }

  private edgeFigure(edge: Edge, part: Rectangle): TemplateResult {
    const name = EDGE_NAMES[edge];
    return html`<figure class="edge ${edge}"><figcaption>${name}</figcaption>${this.createCanvas(part, name)}</figure>`;
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

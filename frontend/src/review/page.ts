/** A case under review: its image with guides and traces, and the scores of two readers. */

import { html, nothing, render } from "lit-html";
import type { TemplateResult } from "lit-html";
import { ApiError, getBytes } from "../api";
import { button, el } from "../dom";
import { Viewer } from "../viewer/viewer";
import { readPixels } from "../viewer/windowlut";
import type { ReviewedCase, ReviewedReading } from "./contract";
import { pad, wallColumns } from "./pads";

const ZOOM_STEP = 1.5;

export class ReviewPage {
  private readonly host = el("div", { role: "region", tabindex: 0, "aria-label": "Image of the case" });
  private readonly viewer: Viewer;
  private readonly guides = el("input", { type: "checkbox", checked: true });
  private readonly traces: readonly [HTMLInputElement, HTMLInputElement] = [
    el("input", { type: "checkbox", checked: true }),
    el("input", { type: "checkbox", checked: true }),
  ];
  private readonly traceLabels = this.traces.map((box) => el("label", { class: "check", hidden: true }, box, el("span", {})));
  private shown: [string, string];

  constructor(
    image: HTMLElement,
    private readonly panel: HTMLElement,
    private readonly data: ReviewedCase,
  ) {
    const [first = data.readings[0]?.reader ?? "", second = data.readings[1]?.reader ?? ""] = data.pair;
    this.shown = [first, second];
    this.viewer = new Viewer(this.host);
    image.append(this.host, this.tools());
    document.addEventListener("keydown", (event) => { this.handleKey(event); });
  }

  async start(): Promise<void> {
    this.render();
    const { image, image_version: version, pixels } = this.data;
    try {
      const bytes = await getBytes(`${pixels}?v=${String(version)}`);
      this.viewer.show(image, readPixels(bytes, image.bits, image.width * image.height));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.host.append(el("p", { class: "viewer-note", role: "alert" }, error.message));
    }
    this.draw();
  }

  private tools(): HTMLElement {
    for (const box of [this.guides, ...this.traces]) box.onchange = () => { this.draw(); };
    return el(
      "div",
      { class: "case-tools" },
      button("Fit image", () => { this.viewer.reset(); }),
      button("+", () => { this.viewer.zoomAbout(ZOOM_STEP); }, { "aria-label": "Zoom in" }),
      button("\u2212", () => { this.viewer.zoomAbout(1 / ZOOM_STEP); }, { "aria-label": "Zoom out" }),
      button("Invert image", () => { this.viewer.invert(); }),
      button("Use next window", () => { this.viewer.nextWindow([]); }),
      el("label", { class: "check" }, this.guides, "Guides"),
      ...this.traceLabels,
    );
  }

  private reading(index: 0 | 1): ReviewedReading | undefined {
    return this.data.readings.find(({ reader }) => reader === this.shown[index]);
  }

  private render(): void {
    const columns = wallColumns(this.data.image.anterior);
    const [first, second] = [this.reading(0), this.reading(1)];
    const hints = this.data.hints.filter(({ readers }) => readers.every((name) => this.shown.includes(name)));
    render(html`
      ${this.data.readings.length > 2 ? html`<div class="review-readers">${this.select(0)}${this.select(1)}</div>` : nothing}
      ${hints.map(({ text }) => html`<p class="message caution">${text}.</p>`)}
      <div class="review-pads">${[[first, second] as const, [second, first] as const].map(([reading, other]) => reading === undefined ? nothing : pad(reading, other, columns))}</div>
      ${[first, second].map((reading) => reading === undefined || reading.comment === "" ? nothing : html`<p class="small"><strong>${reading.reader}:</strong> ${reading.comment}</p>`)}
    `, this.panel);
    this.traceLabels.forEach((label, index) => {
      const reading = index === 0 ? first : second;
      label.hidden = (reading?.traces.length ?? 0) === 0;
      label.lastChild?.replaceWith(`Traces of ${reading?.reader ?? ""}`);
    });
  }

  private select(index: 0 | 1): TemplateResult {
    const change = (event: Event): void => {
      this.shown[index] = (event.target as HTMLSelectElement).value;
      this.render();
      this.draw();
    };
    const other = this.shown[index === 0 ? 1 : 0];
    const names = this.data.readings.map(({ reader }) => reader).filter((reader) => reader !== other);
    return html`<label>${index === 0 ? "Left reader" : "Right reader"} <select @change=${change}>
      ${names.map((name) => html`<option value=${name} ?selected=${name === this.shown[index]}>${name}</option>`)}
    </select></label>`;
  }

  private draw(): void {
    const { overlay } = this.viewer;
    overlay.setGuides(this.guides.checked ? this.data.guides : []);
    overlay.setPlaques(this.traces.flatMap((box, index) => (box.checked ? (this.reading(index === 0 ? 0 : 1)?.traces ?? []) : [])));
    this.viewer.redraw();
  }

  private handleKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLElement && event.target.closest("input[type=text], textarea, select, dialog") !== null) return;
    if (event.key === "g") toggle([this.guides]);
    else if (event.key === "t") toggle(this.traces);
    else return;
    this.draw();
  }
}

function toggle(boxes: readonly HTMLInputElement[]): void {
  const checked = !boxes.some((box) => box.checked);
  for (const box of boxes) box.checked = checked;
}

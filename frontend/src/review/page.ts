/** A case under review: its image with guides and traces, and the scores of two readers. */

import { html, nothing, render } from "lit-html";
import type { TemplateResult } from "lit-html";
import { el } from "../dom";
import type { ReviewedCase, ReviewedReading } from "./contract";
import { ImageArea } from "./imagearea";
import { pad, wallColumns } from "./pads";
import { traceGroup, traceKey } from "./traces";

export class ReviewPage {
  private readonly image: ImageArea;
  private readonly guides = el("input", { type: "checkbox", checked: true });
  private readonly traces: readonly [HTMLInputElement, HTMLInputElement] = [
    el("input", { type: "checkbox", checked: true }),
    el("input", { type: "checkbox", checked: true }),
  ];
  private readonly traceNames = [el("span", {}), el("span", {})] as const;
  private readonly traceLabels = ([0, 1] as const).map((index) => el("label", { class: "check", hidden: true }, this.traces[index], traceKey(index), el("span", { class: "visually-hidden" }, "Traces of "), this.traceNames[index]));
  private shown: [string, string];

  constructor(
    image: HTMLElement,
    private readonly panel: HTMLElement,
    private readonly data: ReviewedCase,
  ) {
    const [first = data.readings[0]?.reader ?? "", second = data.readings[1]?.reader ?? ""] = data.pair;
    this.shown = [first, second];
    for (const box of [this.guides, ...this.traces]) box.onchange = () => { this.draw(); };
    this.image = new ImageArea(image, [el("label", { class: "check" }, this.guides, "Guides"), ...this.traceLabels]);
    document.addEventListener("keydown", (event) => { this.handleKey(event); });
  }

  async start(): Promise<void> {
    this.render();
    const { image, image_version: version, pixels } = this.data;
    await this.image.load(image, `${pixels}?v=${String(version)}`);
    this.draw();
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
      const name = this.traceNames[index];
      if (name !== undefined) name.textContent = reading?.reader ?? "";
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
    const { overlay } = this.image.viewer;
    overlay.setGuides(this.guides.checked ? this.data.guides : []);
    overlay.setPlaques(([0, 1] as const).flatMap((index) => {
      const reading = this.traces[index].checked ? this.reading(index) : undefined;
      return reading === undefined ? [] : [traceGroup(reading, index)];
    }));
    this.image.viewer.redraw();
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

/** The panel beside the image while corners are corrected: selected corner, changes, save and discard. */

import { html, nothing, render } from "lit-html";
import type { TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { el } from "../dom";
import { decimal } from "../text";
import type { Pair } from "../viewer/overlay/marks";
import { SQUARE_PIXELS } from "../viewer/pixelsize";
import type { PixelSize } from "../viewer/pixelsize";
import { CORNER_IDS, cornerAt, changedCorners, cornerName, displacement, startDraft } from "./draft";
import type { Draft, CornerId } from "./draft";
import { SMALL_STEP } from "./handles";

export interface CorrectionPanelEvents {
  step(by: Pair): void;
  remove(): void;
  add(cornerId: CornerId): void;
  undo(): void;
  redo(): void;
  discard(): void;
  save(): void;
}

const STEPS: readonly (readonly [string, string, Pair])[] = [
  ["\u2190", "Move left by half a pixel", [-SMALL_STEP, 0]],
  ["\u2191", "Move up by half a pixel", [0, -SMALL_STEP]],
  ["\u2193", "Move down by half a pixel", [0, SMALL_STEP]],
  ["\u2192", "Move right by half a pixel", [SMALL_STEP, 0]],
];
const HELP =
  "Drag a corner; zoom with the wheel or two fingers. With the keyboard, press Tab to select the next corner. " +
  "Arrow keys move it by half a pixel, with Shift by 5 pixels, and Del removes it. The documentation defines " +
  "the position of each corner.";

export class CorrectionPanel {
  readonly root = el("section", { class: "correction", "aria-label": "Correct corners" });
  private draft = startDraft({});
  private selected: CornerId | null = null;
  private size = SQUARE_PIXELS;
  private saving = false;
  private error = "";

  constructor(private readonly events: CorrectionPanelEvents) {}

  get reason(): string {
    return this.root.querySelector("textarea")?.value.trim() ?? "";
  }

  show(draft: Draft, selected: CornerId | null, size: PixelSize): void {
    this.draft = draft;
    this.selected = selected;
    this.size = size;
    this.render();
  }

  setSaving(saving: boolean): void {
    this.saving = saving;
    if (saving) this.error = "";
    this.render();
  }

  showError(message: string): void {
    this.error = message;
    this.render();
  }

  focusMissing(cornerId: CornerId): void {
    this.root.querySelector<HTMLElement>(`[data-corner="${cornerName(cornerId)}"]`)?.focus();
  }

  private render(): void {
    const { draft, events } = this;
    const changed = changedCorners(draft);
    render(html`
      <h2>Correct corners</h2>
      ${this.selectedCorner()}
      <div class="actions missing">${this.missingCorners()}</div>
      <p class="small">${summaryOf(draft, changed, this.size)}</p>
      <div class="field"><label for="correction-reason">Reason (optional)</label><textarea id="correction-reason" rows="2" maxlength="500"></textarea></div>
      <div role="alert">${this.error === "" ? nothing : html`<p class="message warning">${this.error}</p>`}</div>
      <div class="actions">
        <button type="button" class="primary" ?disabled=${this.saving || changed.length === 0} @click=${() => { events.save(); }}>Save</button>
        <button type="button" ?disabled=${draft.past.length === 0} @click=${() => { events.undo(); }}>Undo</button>
        <button type="button" ?disabled=${draft.future.length === 0} @click=${() => { events.redo(); }}>Redo</button>
        <button type="button" ?disabled=${this.saving} @click=${() => { events.discard(); }}>${changed.length === 0 ? "Close" : "Discard"}</button>
      </div>
      <p class="small muted">${HELP}</p>
    `, this.root);
  }

  private selectedCorner(): TemplateResult {
    const { draft, events, selected, size } = this;
    const disabled = selected === null || cornerAt(draft.now, selected) === null;
    const step = ([sign, label, by]: (typeof STEPS)[number]): TemplateResult =>
      html`<button type="button" aria-label=${label} title=${label} ?disabled=${disabled} @click=${() => { events.step(by); }}>${sign}</button>`;
    return html`
      <p class="selected-corner">
        <strong>${selected === null ? "No corner selected" : cornerName(selected)}</strong>
        <span class="muted" role="status">${selected === null ? "Drag a corner, or select one with Tab" : positionText(draft, selected, size)}</span>
      </p>
      <div class="actions corner-steps">
        ${STEPS.map(step)}
        <button type="button" ?disabled=${disabled} @click=${() => { events.remove(); }}>Mark as outside the image</button>
      </div>`;
  }

  /** List the missing corners, each with a button that adds it. */
  private missingCorners(): unknown {
    const missing = CORNER_IDS.filter((cornerId) => cornerAt(this.draft.now, cornerId) === null);
    if (missing.length === 0) return nothing;
    return html`<span class="small">Missing corners. Choose one to add it:</span>${repeat(missing, (id) => id, (id) =>
      html`<button type="button" data-corner=${cornerName(id)} @click=${() => { this.events.add(id); }}>${cornerName(id)}</button>`)}`;
  }
}

function positionText(draft: Draft, cornerId: CornerId, size: PixelSize): string {
  const corner = cornerAt(draft.now, cornerId);
  if (corner === null) return "outside the image, not used";
  const distance = displacement(draft, cornerId, size);
  const text = `x ${decimal(corner[0], 2)}, y ${decimal(corner[1], 2)}`;
  return distance === null || distance === 0 ? text : `${text}, moved ${formatLength(distance, size)}`;
}

function summaryOf(draft: Draft, changed: readonly CornerId[], size: PixelSize): string {
  if (changed.length === 0) return "No changes yet.";
  const distances = changed.map((cornerId) => displacement(draft, cornerId, size)).filter((distance) => distance !== null);
  const farthest = distances.length === 0 ? "" : `, by up to ${formatLength(Math.max(...distances), size)}`;
  const count = `${String(changed.length)} corner${changed.length === 1 ? "" : "s"} changed${farthest}.`;
  return `${count} Saving creates a new version and repeats the crop check and the shape measurements.`;
}

function formatLength(value: number, size: PixelSize): string {
  return `${value.toFixed(1)} ${size.unit}`;
}

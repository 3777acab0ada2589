/** The panel beside the image while corners are corrected: selected corner, changes, save and discard. */

import { button, el } from "../dom";
import type { Pair } from "../viewer/overlay/marks";
import type { PixelSize } from "../viewer/pixelsize";
import { CORNER_IDS, cornerAt, changedCorners, cornerName, displacement } from "./draft";
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
  readonly root: HTMLElement;
  private readonly name = el("strong", {});
  private readonly position = el("span", { class: "muted", role: "status" });
  private readonly steps: HTMLButtonElement[];
  private readonly removeButton: HTMLButtonElement;
  private readonly missing = el("div", { class: "actions missing" });
  private readonly summary = el("p", { class: "small" });
  private readonly reasonField = el("textarea", { id: "correction-reason", rows: 2, maxlength: 500 });
  private readonly notice = el("div", { role: "alert" });
  private readonly undo: HTMLButtonElement;
  private readonly redo: HTMLButtonElement;
  private readonly discard: HTMLButtonElement;
  private readonly save: HTMLButtonElement;
  private listedNames = "";
  private readonly addButtons = new Map<CornerId, HTMLButtonElement>();
  private changed = 0;

  constructor(private readonly events: CorrectionPanelEvents) {
    this.steps = STEPS.map(([sign, label, by]) =>
      button(sign, () => { events.step(by); }, { "aria-label": label, title: label }),
    );
    this.removeButton = button("Mark as outside the image", () => { events.remove(); });
    this.undo = button("Undo", () => { events.undo(); });
    this.redo = button("Redo", () => { events.redo(); });
    this.discard = button("Discard", () => { events.discard(); });
    this.save = button("Save", () => { events.save(); }, { class: "primary" });
    this.root = el(
      "section",
      { class: "correction", "aria-label": "Correct corners" },
      el("h2", {}, "Correct corners"),
      el("p", { class: "selected-corner" }, this.name, this.position),
      el("div", { class: "actions corner-steps" }, ...this.steps, this.removeButton),
      this.missing,
      this.summary,
      el("div", { class: "field" }, el("label", { for: "correction-reason" }, "Reason (optional)"), this.reasonField),
      this.notice,
      el("div", { class: "actions" }, this.save, this.undo, this.redo, this.discard),
      el("p", { class: "small muted" }, HELP),
    );
  }

  get reason(): string {
    return this.reasonField.value.trim();
  }

  show(draft: Draft, selected: CornerId | null, size: PixelSize): void {
    const corner = selected === null ? null : cornerAt(draft.now, selected);
    this.name.textContent = selected === null ? "No corner selected" : cornerName(selected);
    this.position.textContent = selected === null ? "Drag a corner, or select one with Tab" : positionText(draft, selected, size);
    for (const step of [...this.steps, this.removeButton]) step.disabled = corner === null;
    const changed = changedCorners(draft);
    this.changed = changed.length;
    this.summary.textContent = summaryOf(draft, changed, size);
    this.undo.disabled = draft.past.length === 0;
    this.redo.disabled = draft.future.length === 0;
    this.discard.textContent = changed.length === 0 ? "Close" : "Discard";
    this.save.disabled = changed.length === 0;
    this.listMissing(CORNER_IDS.filter((cornerId) => cornerAt(draft.now, cornerId) === null));
  }

  setSaving(saving: boolean): void {
    this.save.disabled = saving || this.changed === 0;
    if (saving) this.notice.replaceChildren();
  }

  showError(message: string): void {
    this.notice.replaceChildren(el("p", { class: "message warning" }, message));
  }

  focusMissing(cornerId: CornerId): void {
    this.addButtons.get(cornerId)?.focus();
  }

  /** List the missing corners, each with a button that adds it. */
  private listMissing(cornerIds: readonly CornerId[]): void {
    const listedNames = cornerIds.map(cornerName).join();
    if (listedNames === this.listedNames) return;
    this.listedNames = listedNames;
    this.addButtons.clear();
    for (const cornerId of cornerIds) {
      this.addButtons.set(cornerId, button(cornerName(cornerId), () => { this.events.add(cornerId); }));
    }
    const hint = el("span", { class: "small" }, "Missing corners. Choose one to add it:");
    this.missing.replaceChildren(...(cornerIds.length === 0 ? [] : [hint, ...this.addButtons.values()]));
  }
}

function positionText(draft: Draft, cornerId: CornerId, size: PixelSize): string {
  const corner = cornerAt(draft.now, cornerId);
  if (corner === null) return "outside the image, not used";
  const distance = displacement(draft, cornerId, size);
  const text = `x ${corner[0].toFixed(2)}, y ${corner[1].toFixed(2)}`;
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

/** The page on which an adjudicator scores a case: image, score pad and, if permitted, the original scores. */

import { html, nothing, render } from "lit-html";
import type { TemplateResult } from "lit-html";
import { ApiError, SingleAction, sendJson } from "../api";
import { el } from "../dom";
import { belongsToField, digitForKey } from "../keys";
import type { Cell, CellId, Score } from "../reading/contract";
import { advance, cellName, cellOrder, firstEmpty, isComplete, isFilled, moveSelection, selectCell, setMark } from "../reading/padstate";
import type { Direction, Mark, PadState } from "../reading/padstate";
import { ScorePad } from "../reading/scorepad";
import type { AdjudicationData } from "./contract";
import { ImageArea } from "./imagearea";
import { pad, wallColumns } from "./pads";

const EMPTY: Cell = { score: null, validity: null, reason: "", version: 0 };
const SAVING = "Saving\u2026";
const NOT_SAVED = "Not saved";
const ARROWS: Readonly<Record<string, Direction>> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

export class AdjudicationPage {
  private readonly image: ImageArea;
  private readonly guides = el("input", { type: "checkbox", checked: true });
  private readonly scorePad = new ScorePad((id) => { this.select(id); });
  private state: PadState;
  /** Whether the reason why the current cell is not readable is being chosen. */
  private choosing = false;
  private status = "";
  private error = "";
  private saving: Promise<boolean> = Promise.resolve(true);
  private latestSave = 0;
  private isImageShown = false;
  private readonly submission = new SingleAction(() => { this.render(); });

  constructor(
    image: HTMLElement,
    private readonly panel: HTMLElement,
    private readonly data: AdjudicationData,
  ) {
    this.state = openPad(data);
    const label = el("label", { class: "check", hidden: data.guides.length === 0 }, this.guides, "Guides");
    this.image = new ImageArea(image, [label]);
    this.guides.onchange = () => { this.draw(); };
    if (data.submitted_at !== null) return;
    document.addEventListener("keydown", (event) => { this.handleKey(event); });
    window.addEventListener("beforeunload", (event) => {
      if (this.status === SAVING || this.status === NOT_SAVED) event.preventDefault();
    });
  }

  async start(): Promise<void> {
    this.render();
    this.isImageShown = await this.image.load(this.data.image, `${this.data.api}pixels?v=${String(this.data.image_version)}`);
    this.render();
    this.draw();
  }

  private get isFinal(): boolean {
    return this.data.submitted_at !== null;
  }

  /** Whether scores can be entered: not before the image is shown, nor while the case is being submitted. */
  private get isOpen(): boolean {
    return this.isImageShown && !this.submission.isRunning;
  }

  private render(): void {
    const { state, choosing } = this;
    const closed = state.current === null || !this.isOpen;
    const columns = wallColumns(this.data.image.anterior);
    this.scorePad.render(state, [...this.data.validity_codes]);
    render(html`
      ${this.data.originals.length === 0 ? nothing : html`<h2>Original scores</h2><div class="review-pads">${this.data.originals.map(({ name, cells }) => pad({ reader: name, cells: withReasons(cells), total: sumOf(cells), group: null, comment: "", traces: [] }, undefined, columns))}</div>`}
      <h2>${this.isFinal ? "Submitted scores" : "Your scores"}</h2>
      <div class="adjudication-pad">${this.scorePad.root}</div>
      ${this.isFinal ? html`<p class="muted">This case has been submitted. Its scores are final.</p>` : html`
        <div class="actions" role="group" aria-label="Score the current cell">${([0, 1, 2, 3] as const).map((score) => html`<button type="button" ?disabled=${closed} @click=${() => { this.mark({ score }); }}>${score}</button>`)}<button type="button" aria-expanded=${String(choosing)} ?disabled=${closed} @click=${() => { this.choosing = true; this.render(); }}>Not readable</button></div>
        <div class="actions"><button type="button" class=${isComplete(state) ? "primary" : ""} aria-disabled=${this.submission.isRunning ? "true" : nothing} @click=${() => void this.submission.run(() => this.submit())}>Submit case</button><span class="small muted" role="status">${this.status}</span></div>
        <div role="alert">${this.error === "" ? nothing : html`<p class="message warning">${this.error}</p>`}</div>
        ${choosing ? this.reasons() : nothing}`}
    `, this.panel);
  }

  private reasons(): TemplateResult {
    const cell = this.state.current;
    return html`<fieldset><legend>Why is ${cell === null ? "the cell" : cellName(cell)} not readable?</legend>
      <div class="actions">${this.data.validity_codes.map(({ code, label }) => html`<button type="button" @click=${() => { this.mark({ validity: code, reason: "" }); }}><kbd>${code}</kbd> ${label}</button>`)}</div></fieldset>`;
  }

  private select(id: CellId): void {
    if (this.isFinal) return;
    this.choosing = false;
    this.state = selectCell(this.state, id);
    this.render();
  }

  private mark(mark: Mark): void {
    if (this.state.current === null || !this.isOpen) return;
    this.choosing = false;
    this.state = advance(setMark(this.state, this.state.current, mark));
    this.save();
    this.render();
  }

  /** Send all scores, one request after the other; of several that wait, only the last one is sent. */
  private save(): void {
    const number = ++this.latestSave;
    const cells = storedCells(this.state);
    this.status = SAVING;
    this.saving = this.saving.then(async (saved) => {
      if (number < this.latestSave) return saved;
      try {
        await sendJson("PUT", `${this.data.api}scores`, { cells });
        if (number === this.latestSave) this.status = "Saved";
        this.error = "";
        return true;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (number === this.latestSave) this.status = NOT_SAVED;
        this.error = error.message;
        return false;
      } finally {
        this.render();
      }
    });
  }

  private async submit(): Promise<void> {
    const missing = firstEmpty(this.state);
    if (missing !== null) {
      this.error = `Score every cell before you submit. ${cellName(missing)} has no score.`;
      this.select(missing);
      return;
    }
    if (this.status === NOT_SAVED) this.save();
    if (!(await this.saving)) return;
    try {
      await sendJson("POST", `${this.data.api}submit`);
      window.location.assign(this.data.list);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.error = error.message;
      this.render();
    }
  }

  private draw(): void {
    this.image.viewer.overlay.setGuides(this.guides.checked ? this.data.guides : []);
    this.image.viewer.redraw();
  }

  private handleKey(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      void this.submission.run(() => this.submit());
    } else if (event.ctrlKey || event.metaKey || event.altKey || belongsToField(event.target, event) || !this.handlePlainKey(event)) {
      return;
    }
    event.preventDefault();
  }

  private handlePlainKey(event: KeyboardEvent): boolean {
    const digit = digitForKey(event);
    const direction = ARROWS[event.key];
    if (digit !== null && this.choosing) {
      if (this.data.validity_codes.some(({ code }) => code === digit)) this.mark({ validity: digit, reason: "" });
    } else if (digit !== null && digit <= 3) {
      this.mark({ score: digit as Score });
    } else if (event.key === "x") {
      this.choosing = this.state.current !== null && this.isOpen;
      this.render();
    } else if (event.key === "Escape" && this.choosing) {
      this.choosing = false;
      this.render();
    } else if (event.key === "g") {
      this.guides.checked = !this.guides.checked;
      this.draw();
    } else if (direction !== undefined && !event.shiftKey) {
      this.choosing = false;
      this.state = moveSelection(this.state, direction);
      this.render();
    } else {
      return false;
    }
    return true;
  }
}

/** Return the pad of an adjudication with its stored scores. */
export function openPad(data: AdjudicationData): PadState {
  const empty: PadState = {
    reading: data.id,
    columns: [...wallColumns(data.image.anterior)],
    cells: Object.fromEntries(["L1", "L2", "L3", "L4", "all"].flatMap((level) => [`${level}_posterior`, `${level}_anterior`]).map((id) => [id, EMPTY])) as Record<CellId, Cell>,
    aac8: false,
    current: null,
  };
  const filled = cellOrder(empty).reduce((state, id) => {
    const cell = data.cells[id];
    if (cell === undefined) return state;
    return setMark(state, id, cell.score === null ? { validity: cell.validity, reason: "" } : { score: cell.score as Score });
  }, empty);
  return { ...filled, current: data.submitted_at === null ? firstEmpty(filled) : null };
}

/** Return the filled cells as the server stores them. */
export function storedCells(state: PadState): { cell: string; score: number | null; validity: number | null }[] {
  return cellOrder(state)
    .filter((id) => isFilled(state.cells[id]))
    .map((id) => ({ cell: id, score: state.cells[id].score, validity: state.cells[id].validity }));
}

function withReasons(cells: AdjudicationData["cells"]): Record<string, { score: number | null; validity: number; reason: string }> {
  return Object.fromEntries(Object.entries(cells).map(([id, cell]) => [id, { ...cell, reason: "" }]));
}

function sumOf(cells: AdjudicationData["cells"]): number | null {
  const scores = Object.values(cells).map(({ score }) => score);
  return scores.includes(null) ? null : scores.reduce<number>((sum, score) => sum + (score ?? 0), 0);
}

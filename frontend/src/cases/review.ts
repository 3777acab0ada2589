/** The case page: image with landmarks and guides, details, decisions and corrections. */

import { html, nothing, render } from "lit-html";
import type { TemplateResult } from "lit-html";
import { ApiError, LatestRequest, SingleAction, getJson, sendJson } from "../api";
import { el } from "../dom";
import { drawGuides } from "../viewer/overlay/guides";
import type { Bodies, GuideLine } from "../viewer/overlay/marks";
import { SQUARE_PIXELS, pixelSize } from "../viewer/pixelsize";
import type { Point } from "../viewer/view";
import { Viewer } from "../viewer/viewer";
import type { CaseDetail, LandmarkSet, Relabelled, Version } from "./contract";
import { Correction } from "./correction";
import { actionButtons } from "./actionbuttons";
import { applyDecision } from "./decisions";
import { caseFacts, uncertaintyMessage, landmarkFacts } from "./facts";
import { confirmRestore, historyList, restoreVersion } from "./history";
import { ImageTools } from "./imagetools";
import { CasePixels } from "./pixels";
import { relabellingPanel } from "./relabelling";
import type { Direction, Relabelling } from "./relabelling";
import { isBeingAnalysed, stateBadge } from "./states";

export interface CasePageData {
  readonly case: string;
  readonly api: string;
  readonly cases_url: string;
  readonly review_url: string;
}

const POLL_MS = 2_500;
const ASSIGNED_NOTE = "This case has been assigned. Corrections create a new version and do not change existing readings.";

export class CaseReview {
  private readonly viewer: Viewer;
  private readonly host = el("div", {});
  private readonly tools: ImageTools;
  private readonly path: string;
  private readonly pixels: CasePixels;
  private readonly loads = new LatestRequest();
  private readonly comparisons = new LatestRequest();
  private polling: ReturnType<typeof setTimeout> | undefined;
  private readonly action = new SingleAction(() => { this.render(); });
  private caseDetail: CaseDetail | null = null;
  private compared: LandmarkSet | null = null;
  private correction: Correction | null = null;
  private relabelling: Relabelling | null = null;
  private readonly preview = el("p", { class: "viewer-note", hidden: true }, "Preview, not saved");
  private error = "";
  private confirmation: TemplateResult = html``;

  constructor(
    private readonly root: HTMLElement,
    private readonly page: CasePageData,
  ) {
    this.path = `${page.api}cases/${page.case}`;
    this.viewer = new Viewer(this.host);
    this.tools = new ImageTools(this.viewer, () => this.selectedCorner());
    this.host.append(this.preview);
    this.pixels = new CasePixels(this.viewer, this.host, this.path);
  }

  async start(): Promise<void> {
    this.render();
    await this.load();
  }

  private async load(): Promise<void> {
    const isLatest = this.loads.begin();
    try {
      const caseDetail = await getJson<CaseDetail>(this.path);
      // What the person has done meanwhile is newer than this response.
      if (isLatest()) await this.show(caseDetail);
    } catch (error) {
      if (this.caseDetail !== null && error instanceof ApiError && error.isTransient) this.pollLater(this.caseDetail);
      else this.showError(error);
    }
  }

  private pollLater(caseDetail: CaseDetail): void {
    clearTimeout(this.polling);
    if (isBeingAnalysed(caseDetail)) this.polling = setTimeout(() => void this.load(), POLL_MS);
  }

  private async show(caseDetail: CaseDetail): Promise<void> {
    this.loads.begin(); // A poll that is under way is out of date.
    // Only for a new version, so that polling does not undo what the person has switched.
    if (caseDetail.landmark_set?.version !== this.caseDetail?.landmark_set?.version) {
      this.tools.crop.checked = caseDetail.landmark_set !== null && caseDetail.landmark_set.crop.verdict !== "ok";
      this.compared = null;
    }
    this.caseDetail = caseDetail;
    this.render();
    this.pollLater(caseDetail);
    await this.showImage(caseDetail);
  }

  private render(): void {
    const { caseDetail, error } = this;
    this.preview.hidden = this.relabelling === null;
    render(html`<div class="case-review">
      <div class="case-image" ?hidden=${caseDetail?.image === null}>${this.host}${this.tools.root}</div>
      <div class="case-details">
        ${caseDetail && html`<div class="case-head"><h1>${caseDetail.label}</h1>${stateBadge(caseDetail)}<span class="small muted" role="status">${this.confirmation}</span></div>`}
        ${caseDetail === null && error === "" ? html`<p class="loading-text" role="status">Loading the case\u2026</p>` : nothing}
        <div role="alert">${error === "" ? nothing : html`<p class="message warning">${error}</p>`}</div>
        ${caseDetail && this.details(caseDetail)}
      </div>
    </div>`, this.root);
  }

  private details(caseDetail: CaseDetail): TemplateResult {
    const { level_uncertainty: uncertainty, landmark_set: set, patient_warning: warning, reason } = caseDetail;
    const { correction, relabelling } = this;
    const panel = correction?.panel.root
      ?? (relabelling && relabellingPanel(relabelling, () => void this.saveLabels(caseDetail, relabelling), () => { this.endRelabelling(caseDetail); }));
    return html`
      ${reason && html`<p class="message warning">${reason.text}</p>`}
      ${warning && html`<p class="message caution">${warning}</p>`}
      ${uncertainty?.accepted === false ? uncertaintyMessage(caseDetail) : nothing}
      ${panel ?? this.actions(caseDetail)}
      ${caseDetail.assigned ? html`<p class="small muted">${ASSIGNED_NOTE}</p>` : nothing}
      ${set === null || panel !== null ? nothing : landmarkFacts(set, caseDetail.image === null ? SQUARE_PIXELS : pixelSize(caseDetail.image))}
      <section><h2>Image</h2>${caseFacts(caseDetail)}</section>
      ${caseDetail.history.length === 0 ? nothing : this.history(caseDetail)}`;
  }

  private actions(caseDetail: CaseDetail): TemplateResult {
    const state = { loading: this.pixels.isLoading(caseDetail), busy: this.action.isRunning };
    const version = caseDetail.landmark_set?.version;
    return actionButtons(caseDetail, state, this.page.review_url, {
      correct: () => { this.beginCorrection(caseDetail); },
      relabel: (direction) => void this.action.run(() => this.beginRelabelling(caseDetail, direction)),
      decide: (decision) => void this.runAction(() => applyDecision(this.page.api, caseDetail, decision, version)),
    });
  }

  private history(caseDetail: CaseDetail): TemplateResult {
    const canRestore = this.correction === null && this.relabelling === null && caseDetail.actions.includes("move_corners");
    return historyList(caseDetail, this.compared?.version ?? null, canRestore, {
      compare: (version) => void this.compare(version),
      restore: (version) => void this.runAction(() => confirmRestore(this.path, caseDetail, version)),
    });
  }

  private async showImage(caseDetail: CaseDetail): Promise<void> {
    const { image } = caseDetail;
    if (image === null) return;
    const loading = this.pixels.isLoading(caseDetail);
    await this.pixels.show(caseDetail, () => caseDetail === this.caseDetail);
    // A later call shows what the page shows now, and a draft has its own drawing.
    if (caseDetail !== this.caseDetail || this.correction !== null || this.relabelling !== null) return;
    if (loading) this.render();
    this.viewer.overlay.setAnterior(image.anterior === "left" ? "left" : "right");
    this.draw(caseDetail.landmark_set?.landmarks ?? {}, caseDetail.landmark_set?.guides ?? [], true);
  }

  private draw(bodies: Bodies, guides: readonly GuideLine[], fresh: boolean): void {
    const { overlay } = this.viewer;
    const crop = this.caseDetail?.landmark_set?.crop ?? null;
    const image = this.caseDetail?.image ?? null;
    const { compared } = this;
    overlay.setGuides(this.tools.guides.checked ? guides : []);
    overlay.setBodies(this.tools.corners.checked || this.correction !== null || this.relabelling !== null ? bodies : {});
    overlay.setCrop(this.tools.crop.checked && fresh ? crop : null, image === null ? SQUARE_PIXELS : pixelSize(image));
    overlay.setCompared(compared === null ? null : { name: `v${String(compared.version)}`, bodies: compared.landmarks });
    this.tools.onToggle(() => { this.draw(bodies, guides, fresh); });
    this.viewer.redraw();
  }

  private beginCorrection(caseDetail: CaseDetail): void {
    if (caseDetail.landmark_set === null || this.action.isRunning) return;
    this.loads.begin(); // A response to come must not replace the draft on the image.
    this.clearMessages();
    this.correction = new Correction(this.viewer, this.host, this.path, caseDetail, caseDetail.landmark_set, {
      draw: (bodies, guides, fresh) => { this.draw(bodies, guides, fresh); },
      saved: (updated) => {
        this.endCorrection(updated);
        this.showConfirmation(html`Saved as version ${updated.landmark_set?.version}.`);
      },
      replaced: (updated) => {
        this.caseDetail = updated;
        this.compared = updated.landmark_set;
        this.render();
        this.correction?.refresh();
      },
      closed: () => { this.endCorrection(this.caseDetail ?? caseDetail); },
    });
    this.render();
    this.correction.begin();
  }

  private endCorrection(caseDetail: CaseDetail): void {
    this.correction?.stop();
    this.correction = null;
    this.compared = null;
    void this.show(caseDetail);
    this.root.querySelector<HTMLElement>(".correct")?.focus();
  }

  private async beginRelabelling(caseDetail: CaseDetail, direction: Direction): Promise<void> {
    this.clearMessages();
    const before = caseDetail.landmark_set?.landmarks ?? {};
    try {
      const { landmarks } = await getJson<Relabelled>(`${this.path}/relabelled?by=${String(direction.by)}`);
      this.loads.begin();
      this.relabelling = { direction, before, after: landmarks, saving: false };
    } catch (error) {
      this.showError(error);
      return;
    }
    this.compared = null;
    this.render();
    const { after: updated } = this.relabelling;
    this.draw(updated, drawGuides(updated, caseDetail.image === null ? SQUARE_PIXELS : pixelSize(caseDetail.image)), false);
    this.root.querySelector<HTMLElement>(".correction .primary")?.focus();
  }

  private endRelabelling(caseDetail: CaseDetail): void {
    this.relabelling = null;
    void this.show(caseDetail);
  }

  private async saveLabels(caseDetail: CaseDetail, relabelling: Relabelling): Promise<void> {
    const before = caseDetail.landmark_set?.version;
    relabelling.saving = true;
    this.render();
    try {
      const updated = await sendJson<CaseDetail>("POST", `${this.path}/shift-levels`, { by: relabelling.direction.by, based_on: before });
      this.endRelabelling(updated);
      // Undo restores the former version as a new one; nothing is removed from the history.
      const undo = (): void => void this.runAction(() => restoreVersion(this.path, updated, before ?? 1));
      const text = `Labels saved as version ${String(updated.landmark_set?.version)}.`;
      this.showConfirmation(html`${text} <button type="button" class="link" @click=${undo}>Undo</button>`);
    } catch (error) {
      relabelling.saving = false;
      if (error instanceof ApiError && error.code === "stale") {
        this.endRelabelling(await getJson<CaseDetail>(this.path));
      }
      this.showError(error);
    }
  }

  private async compare(version: Version): Promise<void> {
    const isLatest = this.comparisons.begin();
    const isShown = this.compared?.version === version.version;
    try {
      const compared = isShown ? null : await getJson<LandmarkSet>(`${this.path}/landmarks/${String(version.version)}`);
      if (!isLatest()) return;
      this.compared = compared;
    } catch (error) {
      this.showError(error);
      return;
    }
    this.render();
    if (this.correction !== null) this.correction.refresh();
    else if (this.caseDetail !== null && this.relabelling === null) await this.showImage(this.caseDetail);
  }

  private runAction(run: () => Promise<CaseDetail | null>): Promise<void> {
    return this.action.run(async () => {
      this.error = "";
      this.showConfirmation(html`Saving\u2026`);
      try {
        const updated = await run();
        this.clearMessages();
        if (updated === null) return;
        await this.show(updated);
        this.showConfirmation(html`Saved and recorded in the audit trail.`);
      } catch (error) {
        this.clearMessages();
        // The current version is shown with the message that names its author.
        if (error instanceof ApiError && error.code === "stale") await this.load();
        this.showError(error);
      }
    });
  }

  private showConfirmation(text: TemplateResult): void {
    this.confirmation = text;
    this.render();
  }

  private clearMessages(): void {
    this.error = "";
    this.showConfirmation(html``);
  }

  private showError(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    this.error = error.message;
    this.render();
  }

  /** Return the screen position of the selected corner while corners are corrected. */
  private selectedCorner(): Point | undefined {
    const corner = this.correction?.selectedCorner ?? null;
    return corner === null ? undefined : this.viewer.toScreen({ x: corner[0], y: corner[1] });
  }
}

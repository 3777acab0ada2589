/** The case page: image with landmarks and guides, details, decisions and corrections. */

import { html, nothing, render } from "lit-html";
import type { TemplateResult } from "lit-html";
import { ApiError, getBytes, getJson, sendJson } from "../api";
import { el } from "../dom";
import { drawGuides } from "../viewer/overlay/guides";
import type { Bodies, GuideLine } from "../viewer/overlay/marks";
import { SQUARE_PIXELS, pixelSize } from "../viewer/pixelsize";
import { readPixels } from "../viewer/windowlut";
import type { Point } from "../viewer/view";
import { Viewer } from "../viewer/viewer";
import type { CaseDetail, LandmarkSet, Relabelled, Version } from "./contract";
import { Correction } from "./correction";
import { applyDecision, decisionButtons } from "./decisions";
import { caseFacts, uncertaintyMessage, landmarkFacts } from "./facts";
import { confirmRestore, historyList, restoreVersion } from "./history";
import { ImageTools } from "./imagetools";
import { DIRECTIONS, relabellingPanel } from "./relabelling";
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
  /** The version of the pixels on the screen. */
  private shownVersion: number | null = null;
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
  }

  async start(): Promise<void> {
    this.render();
    await this.load();
  }

  private async load(): Promise<void> {
    try {
      await this.show(await getJson<CaseDetail>(this.path));
    } catch (error) {
      this.showError(error);
    }
  }

  private async show(caseDetail: CaseDetail): Promise<void> {
    // Only for a new version, so that polling does not undo what the person has switched.
    if (caseDetail.landmark_set?.version !== this.caseDetail?.landmark_set?.version) {
      this.tools.crop.checked = caseDetail.landmark_set !== null && caseDetail.landmark_set.crop.verdict !== "ok";
      this.compared = null;
    }
    this.caseDetail = caseDetail;
    this.render();
    await this.showImage(caseDetail);
    if (isBeingAnalysed(caseDetail)) setTimeout(() => void this.load(), POLL_MS);
  }

  private render(): void {
    const { caseDetail, error } = this;
    this.preview.hidden = this.relabelling === null;
    render(html`<div class="case-review">
      <div class="case-image" ?hidden=${caseDetail?.image === null}>${this.host}${this.tools.root}</div>
      <div class="case-details">
        ${caseDetail && html`<div class="case-head"><h1>${caseDetail.label}</h1>${stateBadge(caseDetail)}<span class="small muted" role="status">${this.confirmation}</span></div>`}
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
    const { actions } = caseDetail;
    const version = caseDetail.landmark_set?.version;
    const directions = actions.includes("shift_levels") ? DIRECTIONS : [];
    // Pixels that arrive later would move the view under the pointer.
    const isLoading = this.shownVersion !== caseDetail.image_version;
    return html`<div class="actions">
      ${actions.includes("move_corners") ? html`<button type="button" class="correct" ?disabled=${isLoading} @click=${() => { this.beginCorrection(caseDetail); }}>Correct corners</button>` : nothing}
      ${directions.map((direction) => html`<button type="button" ?disabled=${isLoading} @click=${() => void this.beginRelabelling(caseDetail, direction)}>${direction.label}</button>`)}
      ${actions.includes("release") ? html`<a role="button" class="primary" href=${this.page.review_url}>Review at full size</a>` : nothing}
      ${decisionButtons(caseDetail, (decision) => void this.runAction(() => applyDecision(this.page.api, caseDetail, decision, version)))}
    </div>`;
  }

  private history(caseDetail: CaseDetail): TemplateResult {
    const canRestore = this.correction === null && this.relabelling === null && caseDetail.actions.includes("move_corners");
    return historyList(caseDetail, this.compared?.version ?? null, canRestore, {
      compare: (version) => void this.compare(caseDetail, version),
      restore: (version) => void this.runAction(() => confirmRestore(this.path, caseDetail, version)),
    });
  }

  private async showImage(caseDetail: CaseDetail): Promise<void> {
    const { image } = caseDetail;
    if (image === null) return;
    // Pixels are fetched again only when a corrected file has replaced the image.
    if (this.shownVersion !== caseDetail.image_version) {
      const bytes = await getBytes(`${this.path}/pixels?v=${String(caseDetail.image_version)}`);
      this.viewer.show(image, readPixels(bytes, image.bits, image.width * image.height));
      this.shownVersion = caseDetail.image_version;
      this.render();
    }
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
    if (caseDetail.landmark_set === null) return;
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
      const path = `${this.path}/relabelled?by=${String(direction.by)}`;
      const { landmarks } = await getJson<Relabelled>(path);
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

  private async compare(caseDetail: CaseDetail, version: Version): Promise<void> {
    const isShown = this.compared?.version === version.version;
    try {
      this.compared = isShown ? null : await getJson<LandmarkSet>(`${this.path}/landmarks/${String(version.version)}`);
    } catch (error) {
      this.showError(error);
      return;
    }
    this.render();
    if (this.correction === null) await this.showImage(caseDetail);
    else this.correction.refresh();
  }

  private async runAction(run: () => Promise<CaseDetail | null>): Promise<void> {
    this.clearMessages();
    try {
      const updated = await run();
      if (updated === null) return;
      await this.show(updated);
      this.showConfirmation(html`Saved and recorded in the audit trail.`);
    } catch (error) {
      // The current version is shown with the message that names its author.
      if (error instanceof ApiError && error.code === "stale") await this.load();
      this.showError(error);
    }
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

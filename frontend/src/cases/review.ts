/** The case page: image with landmarks and guides, details, decisions and corrections. */

import { ApiError, getBytes, getJson, sendJson } from "../api";
import { button, el } from "../dom";
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
import { DIRECTIONS, Relabelling } from "./relabelling";
import type { Direction } from "./relabelling";
import { isBeingAnalysed, stateBadge } from "./states";

export interface CasePageData {
  readonly case: string;
  readonly api: string;
  readonly cases_url: string;
  readonly review_url: string;
}

const POLL_MS = 2_500;
const REVIEW_LABEL = "Review at full size";
const ASSIGNED_NOTE = "This case has been assigned. Corrections create a new version and do not change existing readings.";

export class CaseReview {
  private readonly viewer: Viewer;
  private readonly host = el("div", {});
  private readonly image = el("div", { class: "case-image" });
  private readonly details = el("div", { class: "case-details" });
  private readonly notice = el("div", { role: "alert" });
  private readonly confirmation = el("span", { class: "small muted", role: "status" });
  private readonly tools: ImageTools;
  private readonly path: string;
  private shownVersion: number | null = null;
  private caseDetail: CaseDetail | null = null;
  private compared: LandmarkSet | null = null;
  private correction: Correction | null = null;
  private relabelling: Relabelling | null = null;
  private readonly preview = el("p", { class: "viewer-note", hidden: true }, "Preview, not saved");

  constructor(
    private readonly root: HTMLElement,
    private readonly page: CasePageData,
  ) {
    this.path = `${page.api}cases/${page.case}`;
    this.viewer = new Viewer(this.host);
    this.tools = new ImageTools(this.viewer, () => this.selectedCorner());
    this.image.append(this.host, this.tools.root);
    this.host.append(this.preview);
  }

  async start(): Promise<void> {
    this.root.replaceChildren(el("div", { class: "case-review" }, this.image, this.details));
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
    if (caseDetail.landmark_set?.version !== this.caseDetail?.landmark_set?.version) {
      this.tools.crop.checked = caseDetail.landmark_set !== null && caseDetail.landmark_set.crop.verdict !== "ok";
      this.compared = null;
    }
    this.caseDetail = caseDetail;
    this.renderDetails(caseDetail);
    this.image.hidden = caseDetail.image === null;
    await this.showImage(caseDetail);
    if (isBeingAnalysed(caseDetail)) setTimeout(() => void this.load(), POLL_MS);
  }

  /** Render the column beside the image. */
  private renderDetails(caseDetail: CaseDetail): void {
    const { landmark_set: set } = caseDetail;
    const isUncertain = caseDetail.doubt?.accepted === false;
    const isEditing = this.correction !== null || this.relabelling !== null;
    this.details.replaceChildren(
      el("div", { class: "case-head" }, el("h1", {}, caseDetail.label), stateBadge(caseDetail), this.confirmation),
      this.notice,
      ...(caseDetail.reason === null ? [] : [el("p", { class: "message warning" }, caseDetail.reason.text)]),
      ...(caseDetail.patient_warning ? [el("p", { class: "message doubt" }, caseDetail.patient_warning)] : []),
      ...(isUncertain ? [uncertaintyMessage(caseDetail)] : []),
      this.correction?.panel.root ?? this.relabelling?.root ?? this.actions(caseDetail),
      ...(caseDetail.assigned ? [el("p", { class: "small muted" }, ASSIGNED_NOTE)] : []),
      ...(set === null || isEditing ? [] : [landmarkFacts(set, caseDetail.image === null ? SQUARE_PIXELS : pixelSize(caseDetail.image))]),
      el("section", {}, el("h2", {}, "Image"), caseFacts(caseDetail)),
      ...(caseDetail.history.length === 0 ? [] : [this.history(caseDetail)]),
    );
  }

  private actions(caseDetail: CaseDetail): HTMLElement {
    const correct = button("Correct corners", () => { this.beginCorrection(caseDetail); }, { class: "correct" });
    const version = caseDetail.landmark_set?.version;
    return el(
      "div",
      { class: "actions" },
      caseDetail.actions.includes("move_corners") ? correct : null,
      ...(caseDetail.actions.includes("shift_levels") ? DIRECTIONS : []).map((direction) => button(direction.label, () => void this.beginRelabelling(caseDetail, direction))),
      caseDetail.actions.includes("release") ? el("a", { role: "button", class: "primary", href: this.page.review_url }, REVIEW_LABEL) : null,
      ...decisionButtons(caseDetail, (decision) => void this.runAction(() => applyDecision(this.page.api, caseDetail, decision, version))),
    );
  }

  private history(caseDetail: CaseDetail): HTMLElement {
    const canRestore = this.correction === null && this.relabelling === null && caseDetail.actions.includes("move_corners");
    return historyList(caseDetail, this.compared?.version ?? null, canRestore, {
      compare: (version) => void this.compare(caseDetail, version),
      restore: (version) => void this.runAction(() => confirmRestore(this.path, caseDetail, version)),
    });
  }

  private async showImage(caseDetail: CaseDetail): Promise<void> {
    const { image } = caseDetail;
    if (image === null) return;
    if (this.shownVersion !== caseDetail.image_version) {
      const bytes = await getBytes(`${this.path}/pixels?v=${String(caseDetail.image_version)}`);
      this.viewer.show(image, readPixels(bytes, image.bits, image.width * image.height));
      this.shownVersion = caseDetail.image_version;
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
        this.showConfirmation(`Saved as version ${String(updated.landmark_set?.version)}.`);
      },
      replaced: (updated) => {
        this.caseDetail = updated;
        this.compared = updated.landmark_set;
        this.renderDetails(updated);
        this.correction?.refresh();
      },
      closed: () => { this.endCorrection(this.caseDetail ?? caseDetail); },
    });
    this.renderDetails(caseDetail);
    this.correction.begin();
  }

  private endCorrection(caseDetail: CaseDetail): void {
    this.correction?.stop();
    this.correction = null;
    this.compared = null;
    void this.show(caseDetail);
    this.details.querySelector<HTMLElement>(".correct")?.focus();
  }

  private async beginRelabelling(caseDetail: CaseDetail, direction: Direction): Promise<void> {
    this.clearMessages();
    const before = caseDetail.landmark_set?.landmarks ?? {};
    try {
      const path = `${this.path}/relabelled?by=${String(direction.by)}`;
      const { landmarks } = await getJson<Relabelled>(path);
      this.relabelling = new Relabelling(direction, before, landmarks, {
        save: () => void this.saveLabels(caseDetail, direction),
        cancel: () => { this.endRelabelling(caseDetail); },
      });
    } catch (error) {
      this.showError(error);
      return;
    }
    this.compared = null;
    this.preview.hidden = false;
    this.renderDetails(caseDetail);
    const { after: updated } = this.relabelling;
    this.draw(updated, drawGuides(updated, caseDetail.image === null ? SQUARE_PIXELS : pixelSize(caseDetail.image)), false);
    this.relabelling.focus();
  }

  private endRelabelling(caseDetail: CaseDetail): void {
    this.relabelling = null;
    this.preview.hidden = true;
    void this.show(caseDetail);
  }

  private async saveLabels(caseDetail: CaseDetail, { by }: Direction): Promise<void> {
    const before = caseDetail.landmark_set?.version;
    this.relabelling?.setSaving(true);
    try {
      const updated = await sendJson<CaseDetail>("POST", `${this.path}/shift-levels`, { by, based_on: before });
      this.endRelabelling(updated);
      const undo = button("Undo", () => void this.runAction(() => restoreVersion(this.path, updated, before ?? 1)), { class: "link" });
      this.showConfirmation(`Labels saved as version ${String(updated.landmark_set?.version)}.`, undo);
    } catch (error) {
      if (error instanceof ApiError && error.code === "stale") {
        this.endRelabelling(await getJson<CaseDetail>(this.path));
      }
      this.relabelling?.setSaving(false);
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
    this.renderDetails(caseDetail);
    this.details.querySelector<HTMLElement>(`[data-version="${String(version.version)}"]`)?.focus();
    if (this.correction === null) await this.showImage(caseDetail);
    else this.correction.refresh();
  }

  private async runAction(run: () => Promise<CaseDetail | null>): Promise<void> {
    this.clearMessages();
    try {
      const updated = await run();
      if (updated === null) return;
      await this.show(updated);
      this.showConfirmation("Saved and recorded in the audit trail.");
    } catch (error) {
      if (error instanceof ApiError && error.code === "stale") await this.load();
      this.showError(error);
    }
  }

  private showConfirmation(text: string, undo: HTMLElement | null = null): void {
    this.confirmation.replaceChildren(text, ...(undo === null ? [] : [" ", undo]));
  }

  private clearMessages(): void {
    this.notice.replaceChildren();
    this.showConfirmation("");
  }

  private showError(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    if (!this.notice.isConnected) this.details.prepend(this.notice);
    this.notice.replaceChildren(el("p", { class: "message warning" }, error.message));
  }

  /** Return the screen position of the selected corner while corners are corrected. */
  private selectedCorner(): Point | undefined {
    const corner = this.correction?.selectedCorner ?? null;
    return corner === null ? undefined : this.viewer.toScreen({ x: corner[0], y: corner[1] });
  }
}

/** One case: the image with landmarks and guides, what was found, and what to decide. */

import { ApiError, getBytes, getJson } from "../api";
import { button, el } from "../dom";
import { stored } from "../viewer/shade";
import { Viewer } from "../viewer/viewer";
import type { CaseDetail } from "./contract";
import { decide, decisionButtons } from "./decisions";
import type { Decision } from "./decisions";
import { caseFacts, historyList, landmarkFacts } from "./facts";
import { beingAnalysed, stateBadge } from "./states";

export interface CasePlace {
  readonly case: string;
  readonly api: string;
  readonly cases_url: string;
}

const POLL_MS = 2_500;

export class CaseReview {
  private readonly viewer: Viewer;
  private readonly image = el("div", { class: "case-image" });
  private readonly about = el("div", { class: "case-about" });
  private readonly notice = el("div", { role: "alert" });
  private readonly done = el("span", { class: "small muted", role: "status" });
  private readonly guides = el("input", { type: "checkbox", checked: true });
  private readonly corners = el("input", { type: "checkbox", checked: true });
  private shownImage = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly place: CasePlace,
  ) {
    const host = el("div", {});
    this.image.append(host, this.tools());
    this.viewer = new Viewer(host);
  }

  async begin(): Promise<void> {
    this.root.replaceChildren(el("div", { class: "case-review" }, this.image, this.about));
    await this.load();
  }

  private async load(): Promise<void> {
    try {
      await this.show(await getJson<CaseDetail>(`${this.place.api}cases/${this.place.case}`));
    } catch (error) {
      this.complain(error);
    }
  }

  private async show(found: CaseDetail): Promise<void> {
    const { landmark_set: set } = found;
    const doubtful = found.doubt?.accepted === false;
    this.about.replaceChildren(
      el("div", { class: "case-head" }, el("h1", {}, found.label), stateBadge(found), this.done),
      this.notice,
      ...(found.reason === null ? [] : [el("p", { class: "message warning" }, found.reason.text)]),
      ...(doubtful ? [this.doubtMessage(found)] : []),
      el("div", { class: "actions" }, ...decisionButtons(found, (decision) => void this.carryOut(found, decision))),
      ...(found.dealt ? [el("p", { class: "small muted" }, DEALT)] : []),
      ...(set === null ? [] : [landmarkFacts(set)]),
      el("section", {}, el("h2", {}, "The image"), caseFacts(found)),
      ...(found.history.length === 0 ? [] : [historyList(found)]),
    );
    this.image.hidden = found.image === null;
    await this.showImage(found);
    if (beingAnalysed(found)) setTimeout(() => void this.load(), POLL_MS);
  }

  private async showImage(found: CaseDetail): Promise<void> {
    const { image } = found;
    if (image === null) return;
    if (!this.shownImage) {
      const bytes = await getBytes(`${this.place.api}cases/${found.id}/pixels`);
      this.viewer.show(image, stored(bytes, image.bits, image.width * image.height));
      this.shownImage = true;
    }
    this.viewer.overlay.setAnterior(image.anterior === "left" ? "left" : "right");
    this.viewer.overlay.setGuides(this.guides.checked ? (found.landmark_set?.guides ?? []) : []);
    this.viewer.overlay.setBodies(this.corners.checked ? (found.landmark_set?.landmarks ?? {}) : {});
    this.viewer.redraw();
    const again = (): void => void this.showImage(found);
    this.guides.onchange = again;
    this.corners.onchange = again;
  }

  private doubtMessage(found: CaseDetail): HTMLElement {
    const words = "The names of the levels are in doubt. The case cannot be dealt until you accept, correct or exclude it.";
    return el("div", { class: "message doubt" }, el("div", {}, el("p", {}, words), el("p", {}, found.doubt?.detail ?? "")));
  }

  private async carryOut(found: CaseDetail, decision: Decision): Promise<void> {
    this.notice.replaceChildren();
    this.done.textContent = "";
    try {
      const after = await decide(this.place.api, found, decision);
      if (after === null) return;
      await this.show(after);
      this.done.textContent = "Done, and noted in the study's record";
    } catch (error) {
      this.complain(error);
    }
  }

  private complain(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    if (!this.notice.isConnected) this.about.prepend(this.notice);
    this.notice.replaceChildren(el("p", { class: "message warning" }, error.message));
  }

  private tools(): HTMLElement {
    return el(
      "div",
      { class: "case-tools" },
      button("Fit", () => { this.viewer.reset(); }),
      button("Invert", () => { this.viewer.invert(); }),
      button("Next window", () => { this.viewer.nextWindow([]); }),
      el("label", { class: "check" }, this.corners, "Landmarks"),
      el("label", { class: "check" }, this.guides, "Guides"),
    );
  }
}

const DEALT = "This case has been dealt: corrections make a new version and never reach readings that exist.";

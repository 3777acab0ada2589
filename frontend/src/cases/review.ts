/** One case: the image with landmarks and guides, what was found, what to decide and to correct. */

import { ApiError, getBytes, getJson, send } from "../api";
import { agree } from "../dialog";
import { button, el } from "../dom";
import { drawGuides } from "../viewer/overlay/guides";
import type { Bodies, GuideLine } from "../viewer/overlay/marks";
import { SQUARE, pixelSize } from "../viewer/pixelsize";
import { stored } from "../viewer/windowlut";
import { Viewer } from "../viewer/viewer";
import type { CaseDetail, LandmarkSet, Version } from "./contract";
import { Correction } from "./correction";
import { decide, decisionButtons } from "./decisions";
import { caseFacts, doubtMessage, landmarkFacts } from "./facts";
import { historyList } from "./history";
import { DIRECTIONS, Relabelling } from "./relabelling";
import type { Direction } from "./relabelling";
import { beingAnalysed, stateBadge } from "./states";

export interface CasePlace {
  readonly case: string;
  readonly api: string;
  readonly cases_url: string;
  readonly review_url: string;
}

const POLL_MS = 2_500;
const ZOOM_STEP = 1.5;
const REVIEW = "Review at full size";
const DEALT = "This case has been dealt: corrections make a new version and never reach readings that exist.";

export class CaseReview {
  private readonly viewer: Viewer;
  private readonly host = el("div", {});
  private readonly image = el("div", { class: "case-image" });
  private readonly about = el("div", { class: "case-about" });
  private readonly notice = el("div", { role: "alert" });
  private readonly done = el("span", { class: "small muted", role: "status" });
  private readonly guides = el("input", { type: "checkbox", checked: true });
  private readonly corners = el("input", { type: "checkbox", checked: true });
  private readonly crop = el("input", { type: "checkbox" });
  private readonly path: string;
  private shownVersion: number | null = null;
  private found: CaseDetail | null = null;
  private compared: LandmarkSet | null = null;
  private correction: Correction | null = null;
  private relabelling: Relabelling | null = null;
  private readonly preview = el("p", { class: "viewer-note", hidden: true }, "Preview. Not saved");

  constructor(
    private readonly root: HTMLElement,
    private readonly place: CasePlace,
  ) {
    this.path = `${place.api}cases/${place.case}`;
    this.image.append(this.host, this.tools());
    this.viewer = new Viewer(this.host);
    this.host.append(this.preview);
  }

  async begin(): Promise<void> {
    this.root.replaceChildren(el("div", { class: "case-review" }, this.image, this.about));
    await this.load();
  }

  private async load(): Promise<void> {
    try {
      await this.show(await getJson<CaseDetail>(this.path));
    } catch (error) {
      this.complain(error);
    }
  }

  private async show(found: CaseDetail): Promise<void> {
    if (found.landmark_set?.version !== this.found?.landmark_set?.version) {
      this.crop.checked = found.landmark_set !== null && found.landmark_set.crop.verdict !== "ok";
      this.compared = null;
    }
    this.found = found;
    this.tell(found);
    this.image.hidden = found.image === null;
    await this.showImage(found);
    if (beingAnalysed(found)) setTimeout(() => void this.load(), POLL_MS);
  }

  /** The column beside the image. */
  private tell(found: CaseDetail): void {
    const { landmark_set: set } = found;
    const doubtful = found.doubt?.accepted === false;
    const changing = this.correction !== null || this.relabelling !== null;
    this.about.replaceChildren(
      el("div", { class: "case-head" }, el("h1", {}, found.label), stateBadge(found), this.done),
      this.notice,
      ...(found.reason === null ? [] : [el("p", { class: "message warning" }, found.reason.text)]),
      ...(found.patient_warning ? [el("p", { class: "message doubt" }, found.patient_warning)] : []),
      ...(doubtful ? [doubtMessage(found)] : []),
      this.correction?.panel.root ?? this.relabelling?.root ?? this.actions(found),
      ...(found.dealt ? [el("p", { class: "small muted" }, DEALT)] : []),
      ...(set === null || changing ? [] : [landmarkFacts(set, found.image === null ? SQUARE : pixelSize(found.image))]),
      el("section", {}, el("h2", {}, "The image"), caseFacts(found)),
      ...(found.history.length === 0 ? [] : [this.history(found)]),
    );
  }

  private actions(found: CaseDetail): HTMLElement {
    const correct = button("Correct corners", () => { this.beginCorrection(found); }, { class: "correct" });
    const seen = found.landmark_set?.version;
    return el(
      "div",
      { class: "actions" },
      found.actions.includes("move_corners") ? correct : null,
      ...(found.actions.includes("shift_levels") ? DIRECTIONS : []).map((way) => button(way.label, () => void this.beginRelabelling(found, way))),
      found.actions.includes("release") ? el("a", { role: "button", class: "primary", href: this.place.review_url }, REVIEW) : null,
      ...decisionButtons(found, (decision) => void this.carryOut(() => decide(this.place.api, found, decision, seen))),
    );
  }

  private history(found: CaseDetail): HTMLElement {
    const takes = this.correction === null && this.relabelling === null && found.actions.includes("move_corners");
    return historyList(found, this.compared?.version ?? null, takes, {
      compare: (version) => void this.compare(found, version),
      takeAgain: (version) => void this.carryOut(() => this.takeAgain(found, version)),
    });
  }

  private async showImage(found: CaseDetail): Promise<void> {
    const { image } = found;
    if (image === null) return;
    if (this.shownVersion !== found.image_version) {
      const bytes = await getBytes(`${this.path}/pixels?v=${String(found.image_version)}`);
      this.viewer.show(image, stored(bytes, image.bits, image.width * image.height));
      this.shownVersion = found.image_version;
    }
    this.viewer.overlay.setAnterior(image.anterior === "left" ? "left" : "right");
    this.draw(found.landmark_set?.landmarks ?? {}, found.landmark_set?.guides ?? [], true);
  }

  private draw(bodies: Bodies, guides: readonly GuideLine[], fresh: boolean): void {
    const { overlay } = this.viewer;
    const crop = this.found?.landmark_set?.crop ?? null;
    const image = this.found?.image ?? null;
    const { compared } = this;
    overlay.setGuides(this.guides.checked ? guides : []);
    overlay.setBodies(this.corners.checked || this.correction !== null || this.relabelling !== null ? bodies : {});
    overlay.setCrop(this.crop.checked && fresh ? crop : null, image === null ? SQUARE : pixelSize(image));
    overlay.setCompared(compared === null ? null : { name: `v${String(compared.version)}`, bodies: compared.landmarks });
    const again = (): void => { this.draw(bodies, guides, fresh); };
    for (const box of [this.guides, this.corners, this.crop]) box.onchange = again;
    this.viewer.redraw();
  }

  private beginCorrection(found: CaseDetail): void {
    if (found.landmark_set === null) return;
    this.forget();
    this.correction = new Correction(this.viewer, this.host, this.path, found, found.landmark_set, {
      drawn: (bodies, guides, fresh) => { this.draw(bodies, guides, fresh); },
      saved: (after) => {
        this.endCorrection(after);
        this.say(`Saved as version ${String(after.landmark_set?.version)}`);
      },
      overtaken: (after) => {
        this.found = after;
        this.compared = after.landmark_set;
        this.tell(after);
        this.correction?.refresh();
      },
      closed: () => { this.endCorrection(this.found ?? found); },
    });
    this.tell(found);
    this.correction.begin();
  }

  private endCorrection(found: CaseDetail): void {
    this.correction?.end();
    this.correction = null;
    this.compared = null;
    void this.show(found);
    this.about.querySelector<HTMLElement>(".correct")?.focus();
  }

  private async beginRelabelling(found: CaseDetail, direction: Direction): Promise<void> {
    this.forget();
    const before = found.landmark_set?.landmarks ?? {};
    try {
      const path = `${this.path}/relabelled?by=${String(direction.by)}`;
      const { landmarks } = await getJson<{ landmarks: Bodies }>(path);
      this.relabelling = new Relabelling(direction, before, landmarks, {
        save: () => void this.saveLabels(found, direction),
        cancel: () => { this.endRelabelling(found); },
      });
    } catch (error) {
      this.complain(error);
      return;
    }
    this.compared = null;
    this.preview.hidden = false;
    this.tell(found);
    const { after } = this.relabelling;
    this.draw(after, drawGuides(after, found.image === null ? SQUARE : pixelSize(found.image)), false);
    this.relabelling.focus();
  }

  private endRelabelling(found: CaseDetail): void {
    this.relabelling = null;
    this.preview.hidden = true;
    void this.show(found);
  }

  private async saveLabels(found: CaseDetail, { by }: Direction): Promise<void> {
    const before = found.landmark_set?.version;
    this.relabelling?.busy(true);
    try {
      const after = await send<CaseDetail>("POST", `${this.path}/shift-levels`, { by, based_on: before });
      this.endRelabelling(after);
      const undo = button("Undo", () => void this.carryOut(() => this.takeVersion(after, before ?? 1)), { class: "link" });
      this.say(`Labels saved as version ${String(after.landmark_set?.version)}.`, undo);
    } catch (error) {
      if (error instanceof ApiError && error.code === "stale") {
        this.endRelabelling(await getJson<CaseDetail>(this.path));
      }
      this.relabelling?.busy(false);
      this.complain(error);
    }
  }

  private async compare(found: CaseDetail, version: Version): Promise<void> {
    const shown = this.compared?.version === version.version;
    try {
      this.compared = shown ? null : await getJson<LandmarkSet>(`${this.path}/landmarks/${String(version.version)}`);
    } catch (error) {
      this.complain(error);
      return;
    }
    this.tell(found);
    this.about.querySelector<HTMLElement>(`[data-version="${String(version.version)}"]`)?.focus();
    if (this.correction === null) await this.showImage(found);
    else this.correction.refresh();
  }

  private async takeAgain(found: CaseDetail, { version }: Version): Promise<CaseDetail | null> {
    const title = `Take version ${String(version)} again`;
    const text = "Its corners become a new version. All versions stay.";
    if (!(await agree({ title, text, yes: "Take it again" }))) return null;
    return this.takeVersion(found, version);
  }

  private takeVersion(found: CaseDetail, version: number): Promise<CaseDetail> {
    const body = { based_on: found.landmark_set?.version };
    return send<CaseDetail>("POST", `${this.path}/landmarks/${String(version)}/take`, body);
  }

  private async carryOut(act: () => Promise<CaseDetail | null>): Promise<void> {
    this.forget();
    try {
      const after = await act();
      if (after === null) return;
      await this.show(after);
      this.say("Done, and noted in the study's record");
    } catch (error) {
      if (error instanceof ApiError && error.code === "stale") await this.load();
      this.complain(error);
    }
  }

  private say(words: string, undo: HTMLElement | null = null): void {
    this.done.replaceChildren(words, ...(undo === null ? [] : [" ", undo]));
  }

  private forget(): void {
    this.notice.replaceChildren();
    this.say("");
  }

  private complain(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    if (!this.notice.isConnected) this.about.prepend(this.notice);
    this.notice.replaceChildren(el("p", { class: "message warning" }, error.message));
  }

  /** About the corner in hand, else about the middle. */
  private zoom(factor: number): void {
    const corner = this.correction?.inHand ?? null;
    this.viewer.zoomAbout(factor, corner === null ? undefined : this.viewer.toScreen({ x: corner[0], y: corner[1] }));
  }

  private tools(): HTMLElement {
    return el(
      "div",
      { class: "case-tools" },
      button("Fit", () => { this.viewer.reset(); }),
      button("+", () => { this.zoom(ZOOM_STEP); }, { "aria-label": "Zoom in" }),
      button("\u2212", () => { this.zoom(1 / ZOOM_STEP); }, { "aria-label": "Zoom out" }),
      button("Invert", () => { this.viewer.invert(); }),
      button("Next window", () => { this.viewer.nextWindow([]); }),
      el("label", { class: "check" }, this.corners, "Landmarks"),
      el("label", { class: "check" }, this.guides, "Guides"),
      el("label", { class: "check" }, this.crop, "Crop check"),
    );
  }
}

/** The de-identification review page: pending images at full size, each to be released or rejected. */

import { html, nothing, render } from "lit-html";
import type { TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { repeat } from "lit-html/directives/repeat.js";
import { ApiError, SingleAction, getBytes, getJson, sendJson } from "../../api";
import { badge } from "../../badge";
import { promptForText } from "../../dialog";
import { readPixels } from "../../viewer/windowlut";
import type { Case, CaseDetail, CasePage } from "../contract";
import { FullSizeImage } from "./fullsize";
import { ReviewQueue } from "./reviewqueue";
import type { Outcome, ReviewList } from "./reviewqueue";

export interface ReviewPageData {
  readonly study: string;
  readonly api: string;
  readonly case: string;
}

const OUTCOME_BADGES: Readonly<Record<Outcome, readonly [string, string]>> = {
  pending: ["caution", "pending"],
  released: ["good", "released"],
  rejected: ["warning", "rejected"],
};
const LOAD_MORE_LABELS: Readonly<Record<ReviewList, string>> = {
  pending_review: "Show more pending images",
  released: "Show more released images",
};
const INSTRUCTIONS =
  "Look for names, dates and numbers, including faint ones. Scroll through the whole image and check all four edges before you decide.";

export class DeidentificationReview {
  private readonly queue: ReviewQueue;
  private current = "";
  private image: FullSizeImage | null = null;
  private message: TemplateResult = html``;
  private isLoading = false;
  private readonly decision = new SingleAction(() => { this.render(); });

  constructor(
    private readonly root: HTMLElement,
    private readonly page: ReviewPageData,
  ) {
    const path = `${page.api}studies/${page.study}/cases`;
    this.queue = new ReviewQueue((list, page) => getJson<CasePage>(`${path}?state=${list}&page=${String(page)}`));
  }

  async start(): Promise<void> {
    render(html`<p class="loading-text" role="status">Loading the review queue\u2026</p>`, this.root);
    try {
      await this.queue.begin();
      if (this.page.case !== "" && this.queue.find(this.page.case) === undefined) await this.addLinked();
    } catch (error) {
      this.showError(error);
      return;
    }
    if (this.queue.all.length === 0) render(emptyMessage(this.page.study), this.root);
    else if (this.queue.find(this.page.case) === undefined) await this.openNext();
    else await this.open(this.page.case);
  }

  /** Add the case named in the page address when it is not on the first page of its list. */
  private async addLinked(): Promise<void> {
    try {
      this.queue.add(await getJson<CaseDetail>(`${this.page.api}cases/${encodeURIComponent(this.page.case)}`));
    } catch (error) {
      // The case of an old link may have been rejected since.
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  private render(): void {
    const review = html`<div class="deidentification-review">
      <div class="review-side">${this.queueList()}</div>
      <div class="review-main">${this.currentCase()}</div>
    </div>`;
    render(html`
      <div role="status">${this.message}</div>
      ${this.queue.all.length === 0 ? nothing : review}
    `, this.root);
  }

  private queueList(): TemplateResult {
    const { queue } = this;
    const lists = (["pending_review", "released"] as const).filter((list) => queue.hasMore(list));
    return html`
      <p class="muted">${queue.pending} pending, ${queue.released} released and not yet assigned</p>
      <ol class="review-queue" aria-label="Images in the review queue">
        ${repeat(queue.all, ({ id }) => id, (caseItem) => this.queueItem(caseItem))}
      </ol>
      <div class="actions" ?hidden=${lists.length === 0}>
        ${lists.map((list) => html`<button type="button" @click=${() => void this.decision.run(() => this.loadMore(list))}>${LOAD_MORE_LABELS[list]}</button>`)}
      </div>`;
  }

  private queueItem(caseItem: Case): TemplateResult {
    const { id, label } = caseItem;
    const outcome = this.queue.outcomeOf(id);
    const undo = html`<button type="button" aria-label="Undo the release of ${label}" @click=${() => void this.undo(caseItem)}>Undo</button>`;
    return html`<li>
      <button type="button" class="link" aria-current=${id === this.current ? "true" : nothing} @click=${() => void this.open(id)}>${label}</button>
      ${badge(...OUTCOME_BADGES[outcome])}
      ${outcome === "released" && caseItem.actions.includes("undo_release") ? undo : nothing}
    </li>`;
  }

  private async loadMore(list: ReviewList): Promise<void> {
    try {
      await this.queue.loadMore(list);
      this.render();
    } catch (error) {
      this.showError(error);
    }
  }

  private async openNext(): Promise<void> {
    try {
      await this.open(await this.queue.nextPending(this.current));
    } catch (error) {
      this.showError(error);
    }
  }

  /** Open the next image after a decision, unless the person has opened another one meanwhile. */
  private async openNextAfter({ id }: Case): Promise<void> {
    if (this.current === id) await this.openNext();
  }

  private async open(id: string): Promise<void> {
    this.current = id;
    this.image = null;
    // The image of a rejected case no longer exists.
    this.isLoading = this.queue.find(id) !== undefined && this.queue.outcomeOf(id) !== "rejected";
    this.render();
    if (!this.isLoading) return;
    try {
      const path = `${this.page.api}cases/${id}`;
      const detail = await getJson<CaseDetail>(path);
      const bytes = await getBytes(`${path}/pixels?v=${String(detail.image_version)}`);
      // Another case may have been opened while this one was loading.
      if (this.current !== id || detail.image === null) return;
      const { image } = detail;
      this.image = new FullSizeImage(image, readPixels(bytes, image.bits, image.width * image.height));
      this.render();
    } catch (error) {
      if (this.current !== id) return;
      this.isLoading = false;
      this.showError(error);
    }
  }

  private currentCase(): TemplateResult {
    const caseItem = this.queue.find(this.current);
    if (caseItem === undefined) return completeMessage(this.page.study);
    const outcome = this.queue.outcomeOf(caseItem.id);
    const origin = [caseItem.site.name, caseItem.scanner].filter(Boolean).join(", ");
    const header = html`<div class="review-head">
      <div><h2>${caseItem.label} ${badge(...OUTCOME_BADGES[outcome])}</h2><p class="muted">${origin}</p></div>
      ${outcome === "pending" ? this.decisions(caseItem) : nothing}
    </div>`;
    // New buttons for each case, so that pressing a key twice never decides on the next image.
    return html`
      ${keyed(caseItem.id, header)}
      <p>${caseItem.reason?.text} ${outcome === "pending" ? INSTRUCTIONS : nothing}</p>
      ${this.image?.root ?? (this.isLoading ? html`<p class="loading-text" role="status">Loading the image\u2026</p>` : nothing)}`;
  }

  /** Create the decision buttons, which stay disabled until the image has loaded and while a decision is being sent. */
  private decisions(caseItem: Case): TemplateResult {
    const disabled = this.image === null;
    const busy = this.decision.isRunning ? "true" : nothing;
    return html`<div class="actions">
      <button type="button" class="primary" ?disabled=${disabled} aria-disabled=${busy} @click=${() => void this.release(caseItem)}>Release image</button>
      <button type="button" class="danger" ?disabled=${disabled} aria-disabled=${busy} @click=${() => void this.reject(caseItem)}>Reject image</button>
    </div>`;
  }

  private async release(caseItem: Case): Promise<void> {
    const updated = await this.postDecision(caseItem, "release", {});
    if (updated === null) return;
    this.queue.recordDecision(updated, "released");
    const undo = html`<button type="button" @click=${() => void this.undo(updated)}>Undo</button>`;
    this.showMessage("good", `${caseItem.label} released. You can undo the release until the case is assigned to a reader. ${this.pendingText()}`, undo);
    await this.openNextAfter(caseItem);
  }

  private async reject(caseItem: Case): Promise<void> {
    const text = "The image is deleted permanently. Only the reason is kept in the audit trail.";
    const label = "Reason (recorded in the audit trail)";
    const reason = await promptForText({ title: `Reject ${caseItem.label}`, text, label, confirmLabel: "Reject image", danger: true });
    if (reason === null) return;
    const updated = await this.postDecision(caseItem, "reject", { reason });
    if (updated === null) return;
    this.queue.recordDecision(updated, "rejected");
    this.showMessage("good", `${caseItem.label} rejected. Its image was deleted. ${this.pendingText()}`);
    await this.openNextAfter(caseItem);
  }

  private async undo(caseItem: Case): Promise<void> {
    const updated = await this.postDecision(caseItem, "undo-release", {});
    if (updated === null) return;
    this.queue.recordDecision(updated, "pending");
    this.showMessage("good", `The release of ${caseItem.label} was undone. Review it again.`);
    await this.open(caseItem.id);
  }

  /** Send a decision, one at a time; returns null if it failed, or if another one is being sent. */
  private async postDecision(caseItem: Case, path: string, body: object): Promise<Case | null> {
    let updated: Case | null = null;
    await this.decision.run(async () => {
      try {
        updated = await sendJson<Case>("POST", `${this.page.api}cases/${caseItem.id}/${path}`, body);
      } catch (error) {
        this.showError(error);
      }
    });
    return updated;
  }

  private pendingText(): string {
    const count = this.queue.pending;
    return count === 0 ? "No images are pending." : `${String(count)} ${count === 1 ? "image is" : "images are"} pending.`;
  }

  private showMessage(kind: string, text: string, action: TemplateResult | null = null): void {
    this.message = html`<div class="message ${kind}"><p>${text}</p>${action}</div>`;
    this.render();
  }

  private showError(error: unknown): void {
    this.showMessage("warning", error instanceof ApiError ? error.message : String(error));
  }
}

function completeMessage(study: string): TemplateResult {
  return html`<div class="empty">
    <h2>Review complete</h2>
    <p>All images in the review queue have been released or rejected. Released images are now being analysed.</p>
    ${casesLink(study)}
  </div>`;
}

function emptyMessage(study: string): TemplateResult {
  return html`<div class="empty">
    <h2>No images are pending review</h2>
    <p>Images that may show a name, or that may not be a lateral spine image, are listed here until you release or reject them.</p>
    ${casesLink(study)}
  </div>`;
}

function casesLink(study: string): TemplateResult {
  return html`<div class="actions"><a role="button" class="primary" href="/studies/${study}/cases">View cases</a></div>`;
}

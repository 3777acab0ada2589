/** The de-identification review page: pending images at full size, each to be released or rejected. */

import { ApiError, getBytes, getJson, sendJson } from "../../api";
import { promptForText } from "../../dialog";
import { badge, button, el } from "../../dom";
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
  pending: ["doubt", "pending"],
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
  private readonly notice = el("div", { role: "status" });
  private readonly counts = el("p", { class: "muted" });
  private readonly list = el("ol", { class: "review-queue", "aria-label": "Images in the review queue" });
  private readonly moreButtons = el("div", { class: "actions", hidden: true });
  private readonly main = el("div", { class: "review-main" });
  private readonly queue: ReviewQueue;
  private current = "";

  constructor(
    private readonly root: HTMLElement,
    private readonly page: ReviewPageData,
  ) {
    const path = `${page.api}studies/${page.study}/cases`;
    this.queue = new ReviewQueue((list, page) => getJson<CasePage>(`${path}?state=${list}&page=${String(page)}`));
  }

  async start(): Promise<void> {
    try {
      await this.queue.begin();
      if (this.page.case !== "" && this.queue.find(this.page.case) === undefined) await this.addLinked();
    } catch (error) {
      this.root.replaceChildren(this.notice);
      this.showError(error);
      return;
    }
    if (this.queue.all.length === 0) {
      this.root.replaceChildren(emptyMessage(this.page.study));
      return;
    }
    const side = el("div", { class: "review-side" }, this.counts, this.list, this.moreButtons);
    this.root.replaceChildren(this.notice, el("div", { class: "deidentification-review" }, side, this.main));
    if (this.queue.find(this.page.case) === undefined) await this.openNext();
    else await this.open(this.page.case);
  }

  /** Add the case named in the page address when it is not on the first page of its list. */
  private async addLinked(): Promise<void> {
    try {
      this.queue.add(await getJson<CaseDetail>(`${this.page.api}cases/${encodeURIComponent(this.page.case)}`));
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  private showList(): void {
    const { pending, released } = this.queue;
    this.counts.replaceChildren(`${String(pending)} pending, ${String(released)} released and not yet assigned`);
    this.list.replaceChildren(
      ...this.queue.all.map((caseItem) => {
        const outcome = this.queue.outcomeOf(caseItem.id);
        const [kind, outcomeLabel] = OUTCOME_BADGES[outcome];
        const link = button(caseItem.label, () => void this.open(caseItem.id), {
          class: "link",
          "aria-current": caseItem.id === this.current ? "true" : undefined,
        });
        const undo = outcome === "released" && caseItem.actions.includes("undo_release")
          ? button("Undo", () => void this.undo(caseItem), { "aria-label": `Undo the release of ${caseItem.label}` })
          : null;
        return el("li", {}, link, badge(kind, outcomeLabel), undo);
      }),
    );
    const lists = (["pending_review", "released"] as const).filter((list) => this.queue.hasMore(list));
    const more = lists.map((list) => button(LOAD_MORE_LABELS[list], () => void this.loadMore(list)));
    this.moreButtons.replaceChildren(...more);
    this.moreButtons.hidden = more.length === 0;
  }

  private async loadMore(list: ReviewList): Promise<void> {
    try {
      await this.queue.loadMore(list);
      this.showList();
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

  private async open(id: string): Promise<void> {
    this.current = id;
    this.showList();
    const caseItem = this.queue.find(id);
    if (caseItem === undefined) {
      this.main.replaceChildren(completeMessage(this.page.study));
      return;
    }
    this.main.replaceChildren(...this.caseHeader(caseItem, false));
    if (this.queue.outcomeOf(id) === "rejected") return;
    try {
      const path = `${this.page.api}cases/${id}`;
      const detail = await getJson<CaseDetail>(path);
      const bytes = await getBytes(`${path}/pixels?v=${String(detail.image_version)}`);
      if (this.current !== id || detail.image === null) return;
      const { image } = detail;
      const shown = new FullSizeImage(image, readPixels(bytes, image.bits, image.width * image.height));
      this.main.replaceChildren(...this.caseHeader(caseItem, true), shown.root);
    } catch (error) {
      this.showError(error);
    }
  }

  /** Create the heading; the decision buttons stay disabled until the image has loaded. */
  private caseHeader(caseItem: Case, loaded: boolean): HTMLElement[] {
    const outcome = this.queue.outcomeOf(caseItem.id);
    const [kind, label] = OUTCOME_BADGES[outcome];
    const pending = outcome === "pending";
    const origin = [caseItem.site.name, caseItem.scanner].filter(Boolean).join(", ");
    const actions = el(
      "div",
      { class: "actions" },
      button("Release image", () => void this.release(caseItem), { class: "primary", disabled: !loaded }),
      button("Reject image", () => void this.reject(caseItem), { class: "danger", disabled: !loaded }),
    );
    return [
      el(
        "div",
        { class: "review-head" },
        el("div", {}, el("h2", {}, caseItem.label, " ", badge(kind, label)), el("p", { class: "muted" }, origin)),
        pending ? actions : null,
      ),
      el("p", {}, caseItem.reason?.text ?? "", " ", pending ? INSTRUCTIONS : ""),
    ];
  }

  private async release(caseItem: Case): Promise<void> {
    const updated = await this.postDecision(caseItem, "release", {});
    if (updated === null) return;
    this.queue.recordDecision(updated, "released");
    const undo = button("Undo", () => void this.undo(updated));
    this.showMessage("good", `${caseItem.label} released. You can undo the release until the case is assigned to a reader. ${this.pendingText()}`, undo);
    await this.openNext();
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
    await this.openNext();
  }

  private async undo(caseItem: Case): Promise<void> {
    const updated = await this.postDecision(caseItem, "undo-release", {});
    if (updated === null) return;
    this.queue.recordDecision(updated, "pending");
    this.showMessage("good", `The release of ${caseItem.label} was undone. Review it again.`);
    await this.open(caseItem.id);
  }

  private async postDecision(caseItem: Case, path: string, body: object): Promise<Case | null> {
    try {
      return await sendJson<Case>("POST", `${this.page.api}cases/${caseItem.id}/${path}`, body);
    } catch (error) {
      this.showError(error);
      return null;
    }
  }

  private pendingText(): string {
    const count = this.queue.pending;
    return count === 0 ? "No images are pending." : `${String(count)} ${count === 1 ? "image is" : "images are"} pending.`;
  }

  private showMessage(kind: string, text: string, action: HTMLElement | null = null): void {
    this.notice.replaceChildren(el("div", { class: `message ${kind}` }, el("p", {}, text), action));
  }

  private showError(error: unknown): void {
    this.showMessage("warning", error instanceof ApiError ? error.message : String(error));
  }
}

function completeMessage(study: string): HTMLElement {
  return el(
    "div",
    { class: "empty" },
    el("h2", {}, "Review complete"),
    el("p", {}, "All images in the review queue have been released or rejected. Released images are now being analysed."),
    casesLink(study),
  );
}

function emptyMessage(study: string): HTMLElement {
  return el(
    "div",
    { class: "empty" },
    el("h2", {}, "No images are pending review"),
    el("p", {}, "Images that may show a name, or that may not be a lateral spine image, are listed here until you release or reject them."),
    casesLink(study),
  );
}

function casesLink(study: string): HTMLElement {
  const link = el("a", { role: "button", class: "primary", href: `/studies/${study}/cases` }, "View cases");
  return el("div", { class: "actions" }, link);
}

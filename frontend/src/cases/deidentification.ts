/** The de-identification review: one image after the other at full size, to release or reject. */

import { ApiError, getBytes, getJson, send } from "../api";
import { askText } from "../dialog";
import { badge, button, el } from "../dom";
import { stored } from "../viewer/windowlut";
import type { Case, CaseDetail, CasePage } from "./contract";
import { FullSize } from "./fullsize";
import { ReviewQueue } from "./reviewqueue";
import type { Outcome, ReviewList } from "./reviewqueue";

export interface ReviewPlace {
  readonly study: string;
  readonly api: string;
  readonly case: string;
}

const WORDS: Readonly<Record<Outcome, readonly [string, string]>> = {
  pending: ["doubt", "pending"],
  released: ["good", "released"],
  rejected: ["warning", "rejected"],
};
const MORE: Readonly<Record<ReviewList, string>> = {
  held: "Show more pending images",
  released: "Show more released images",
};
const LOOK_FOR =
  "Look for names, dates and numbers, faint ones too. Scroll through the whole image and all four edges before you decide.";

export class DeidentificationReview {
  private readonly notice = el("div", { role: "status" });
  private readonly counts = el("p", { class: "muted" });
  private readonly list = el("ol", { class: "review-queue", "aria-label": "Images in the review queue" });
  private readonly further = el("div", { class: "actions", hidden: true });
  private readonly main = el("div", { class: "review-main" });
  private readonly queue: ReviewQueue;
  private current = "";

  constructor(
    private readonly root: HTMLElement,
    private readonly place: ReviewPlace,
  ) {
    const path = `${place.api}studies/${place.study}/cases`;
    this.queue = new ReviewQueue((list, page) => getJson<CasePage>(`${path}?state=${list}&page=${String(page)}`));
  }

  async begin(): Promise<void> {
    try {
      await this.queue.begin();
      if (this.place.case !== "" && this.queue.find(this.place.case) === undefined) await this.addLinked();
    } catch (error) {
      this.root.replaceChildren(this.notice);
      this.complain(error);
      return;
    }
    if (this.queue.all.length === 0) {
      this.root.replaceChildren(empty(this.place.study));
      return;
    }
    const side = el("div", { class: "review-side" }, this.counts, this.list, this.further);
    this.root.replaceChildren(this.notice, el("div", { class: "deidentification-review" }, side, this.main));
    if (this.queue.find(this.place.case) === undefined) await this.openNext();
    else await this.open(this.place.case);
  }

  /** The case of the page's address, where it is not on the first page of its list. */
  private async addLinked(): Promise<void> {
    try {
      this.queue.add(await getJson<CaseDetail>(`${this.place.api}cases/${encodeURIComponent(this.place.case)}`));
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  private showList(): void {
    const { pending, released } = this.queue;
    this.counts.replaceChildren(`${String(pending)} pending, ${String(released)} released and not yet assigned`);
    this.list.replaceChildren(
      ...this.queue.all.map((found) => {
        const outcome = this.queue.outcomeOf(found.id);
        const [kind, word] = WORDS[outcome];
        const label = button(found.label, () => void this.open(found.id), {
          class: "link",
          "aria-current": found.id === this.current ? "true" : undefined,
        });
        const undo = outcome === "released" && found.actions.includes("undo_release")
          ? button("Undo", () => void this.undo(found), { "aria-label": `Undo the release of ${found.label}` })
          : null;
        return el("li", {}, label, badge(kind, word), undo);
      }),
    );
    const lists = (["held", "released"] as const).filter((list) => this.queue.hasMore(list));
    const more = lists.map((list) => button(MORE[list], () => void this.loadMore(list)));
    this.further.replaceChildren(...more);
    this.further.hidden = more.length === 0;
  }

  private async loadMore(list: ReviewList): Promise<void> {
    try {
      await this.queue.loadMore(list);
      this.showList();
    } catch (error) {
      this.complain(error);
    }
  }

  private async openNext(): Promise<void> {
    try {
      await this.open(await this.queue.nextPending(this.current));
    } catch (error) {
      this.complain(error);
    }
  }

  private async open(id: string): Promise<void> {
    this.current = id;
    this.showList();
    const found = this.queue.find(id);
    if (found === undefined) {
      this.main.replaceChildren(done(this.place.study));
      return;
    }
    this.main.replaceChildren(...this.head(found, false));
    if (this.queue.outcomeOf(id) === "rejected") return;
    try {
      const path = `${this.place.api}cases/${id}`;
      const detail = await getJson<CaseDetail>(path);
      const bytes = await getBytes(`${path}/pixels?v=${String(detail.image_version)}`);
      if (this.current !== id || detail.image === null) return;
      const { image } = detail;
      const shown = new FullSize(image, stored(bytes, image.bits, image.width * image.height));
      this.main.replaceChildren(...this.head(found, true), shown.root);
    } catch (error) {
      this.complain(error);
    }
  }

  /** Without the image there is nothing to release: the buttons come with it. */
  private head(found: Case, loaded: boolean): HTMLElement[] {
    const outcome = this.queue.outcomeOf(found.id);
    const [kind, word] = WORDS[outcome];
    const pending = outcome === "pending";
    const about = [found.site.name, found.scanner].filter(Boolean).join(", ");
    const actions = el(
      "div",
      { class: "actions" },
      button("Release image", () => void this.release(found), { class: "primary", disabled: !loaded }),
      button("Reject image", () => void this.reject(found), { class: "danger", disabled: !loaded }),
    );
    return [
      el(
        "div",
        { class: "review-head" },
        el("div", {}, el("h2", {}, found.label, " ", badge(kind, word)), el("p", { class: "muted" }, about)),
        pending ? actions : null,
      ),
      el("p", {}, found.reason?.text ?? "", " ", pending ? LOOK_FOR : ""),
    ];
  }

  private async release(found: Case): Promise<void> {
    const after = await this.change(found, "release", {});
    if (after === null) return;
    this.queue.decide(after, "released");
    const undo = button("Undo", () => void this.undo(after));
    this.say("good", `${found.label} released. You can undo this until the case is assigned to a reader. ${this.left()}`, undo);
    await this.openNext();
  }

  private async reject(found: Case): Promise<void> {
    const text = "The image is deleted for good. Only the reason is kept.";
    const label = "Reason (kept in the study's record)";
    const reason = await askText({ title: `Reject ${found.label}`, text, label, yes: "Reject image", danger: true });
    if (reason === null) return;
    const after = await this.change(found, "refuse", { reason });
    if (after === null) return;
    this.queue.decide(after, "rejected");
    this.say("good", `${found.label} rejected. Its image was deleted. ${this.left()}`);
    await this.openNext();
  }

  private async undo(found: Case): Promise<void> {
    const after = await this.change(found, "undo-release", {});
    if (after === null) return;
    this.queue.decide(after, "pending");
    this.say("good", `The release of ${found.label} was undone. Review it again.`);
    await this.open(found.id);
  }

  private async change(found: Case, path: string, body: object): Promise<Case | null> {
    try {
      return await send<Case>("POST", `${this.place.api}cases/${found.id}/${path}`, body);
    } catch (error) {
      this.complain(error);
      return null;
    }
  }

  private left(): string {
    const count = this.queue.pending;
    return count === 0 ? "No images are pending." : `${String(count)} ${count === 1 ? "image is" : "images are"} pending.`;
  }

  private say(kind: string, text: string, action: HTMLElement | null = null): void {
    this.notice.replaceChildren(el("div", { class: `message ${kind}` }, el("p", {}, text), action));
  }

  private complain(error: unknown): void {
    this.say("warning", error instanceof ApiError ? error.message : String(error));
  }
}

function done(study: string): HTMLElement {
  return el(
    "div",
    { class: "empty" },
    el("h2", {}, "Review complete"),
    el("p", {}, "All images in the queue were released or rejected. Released images are being analysed."),
    toCases(study),
  );
}

function empty(study: string): HTMLElement {
  return el(
    "div",
    { class: "empty" },
    el("h2", {}, "No images are pending review"),
    el("p", {}, "Images that may show a name, or that may not be a lateral spine, wait here for your decision."),
    toCases(study),
  );
}

function toCases(study: string): HTMLElement {
  const link = el("a", { role: "button", class: "primary", href: `/studies/${study}/cases` }, "Go to cases");
  return el("div", { class: "actions" }, link);
}

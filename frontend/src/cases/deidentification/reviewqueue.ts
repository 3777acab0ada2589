/** The review queue: pending and released images, loaded page by page. */

import type { Case, CasePage } from "../contract";

export type Outcome = "pending" | "released" | "rejected";
export type ReviewList = "pending_review" | "released";

interface Extent {
  /** Number of images of the study in this list. */
  total: number;
  /** Number of images, counted from the start of the list, that are known to be loaded. */
  loaded: number;
}

const OUTCOMES: Readonly<Record<ReviewList, Outcome>> = { pending_review: "pending", released: "released" };

export class ReviewQueue {
  private readonly cases = new Map<string, Case>();
  private readonly outcomes = new Map<string, Outcome>();
  private readonly order: Record<ReviewList, string[]> = { pending_review: [], released: [] };
  private readonly extents: Record<ReviewList, Extent> = {
    pending_review: { total: 0, loaded: 0 },
    released: { total: 0, loaded: 0 },
  };
  private pageSize = 1;

  constructor(private readonly load: (list: ReviewList, page: number) => Promise<CasePage>) {}

  async begin(): Promise<void> {
    await Promise.all([this.loadMore("pending_review"), this.loadMore("released")]);
  }

  /** All loaded cases: those that were pending at first, then those that had been released earlier. */
  get all(): readonly Case[] {
    return [...this.order.pending_review, ...this.order.released].flatMap((id) => this.cases.get(id) ?? []);
  }

  get pending(): number {
    return this.extents.pending_review.total;
  }

  get released(): number {
    return this.extents.released.total;
  }

  find(id: string): Case | undefined {
    return this.cases.get(id);
  }

  outcomeOf(id: string): Outcome {
    return this.outcomes.get(id) ?? "pending";
  }

  hasMore(list: ReviewList): boolean {
    const shown = [...this.outcomes.values()].filter((outcome) => outcome === OUTCOMES[list]);
    // Counted from the outcomes, because decisions move cases between the lists.
    return shown.length < this.extents[list].total;
  }

  /**
   * Load the next images of a list.
   *
   * Each decision moves the later images forward by one on the server, so that a page may hold only known
   * images; loading then continues with the next page.
   */
  async loadMore(list: ReviewList): Promise<void> {
    const extent = this.extents[list];
    for (;;) {
      const response = await this.load(list, Math.floor(extent.loaded / this.pageSize) + 1);
      // The last page may be shorter than the others.
      this.pageSize = Math.max(this.pageSize, response.results.length);
      extent.total = response.count;
      extent.loaded = (response.page - 1) * this.pageSize + response.results.length;
      const unlisted = response.results.filter(({ id }) => this.outcomes.get(id) !== OUTCOMES[list]);
      for (const caseItem of unlisted) this.store(caseItem, list);
      if (unlisted.length > 0 || response.page >= response.pages) return;
    }
  }

  /** Add a case that a link points to and that may be on a later page of its list. */
  add(caseItem: Case): void {
    if (caseItem.state === "pending_review") this.store(caseItem, "pending_review");
    else if (caseItem.actions.includes("undo_release")) this.store(caseItem, "released");
  }

  /** Record a decision, which moves the case from one list to another. */
  recordDecision(caseItem: Case, outcome: Outcome): void {
    const before = this.outcomeOf(caseItem.id);
    if (before === outcome) return;
    for (const list of ["pending_review", "released"] as const) {
      const extent = this.extents[list];
      if (before === OUTCOMES[list]) {
        extent.total = Math.max(0, extent.total - 1);
        extent.loaded = Math.max(0, extent.loaded - 1);
      }
      if (outcome === OUTCOMES[list]) extent.total += 1;
    }
    this.cases.set(caseItem.id, caseItem);
    this.outcomes.set(caseItem.id, outcome);
  }

  /** Return the next pending case after `current`, else the first one; load more when none is left. */
  async nextPending(current: string): Promise<string> {
    if (this.pendingIds().length === 0 && this.pending > 0) {
      // From the start, because decisions have moved the pending cases to earlier pages.
      this.extents.pending_review.loaded = 0;
      await this.loadMore("pending_review");
    }
    const ids = this.all.map(({ id }) => id);
    const pending = this.pendingIds();
    return pending.find((id) => ids.indexOf(id) > ids.indexOf(current)) ?? pending[0] ?? "";
  }

  private pendingIds(): string[] {
    return this.all.map(({ id }) => id).filter((id) => this.outcomes.get(id) === "pending");
  }

  private store(caseItem: Case, list: ReviewList): void {
    if (!this.cases.has(caseItem.id)) this.order[list].push(caseItem.id);
    this.cases.set(caseItem.id, caseItem);
    this.outcomes.set(caseItem.id, OUTCOMES[list]);
  }
}

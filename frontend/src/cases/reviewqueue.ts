/** The images of the de-identification review, loaded page by page: pending ones and released ones. */

import type { Case, CasePage } from "./contract";

export type Outcome = "pending" | "released" | "rejected";
export type ReviewList = "held" | "released";

interface Extent {
  /** How many images of the study are in this list. */
  total: number;
  /** How many of them, from the start of the list, have certainly been loaded. */
  loaded: number;
}

const OUTCOMES: Readonly<Record<ReviewList, Outcome>> = { held: "pending", released: "released" };

export class ReviewQueue {
  private readonly cases = new Map<string, Case>();
  private readonly outcomes = new Map<string, Outcome>();
  private readonly order: Record<ReviewList, string[]> = { held: [], released: [] };
  private readonly extents: Record<ReviewList, Extent> = {
    held: { total: 0, loaded: 0 },
    released: { total: 0, loaded: 0 },
  };
  private pageSize = 1;

  constructor(private readonly load: (list: ReviewList, page: number) => Promise<CasePage>) {}

  async begin(): Promise<void> {
    await Promise.all([this.loadMore("held"), this.loadMore("released")]);
  }

  /** All loaded cases: first those that were pending, then those that were released before. */
  get all(): readonly Case[] {
    return [...this.order.held, ...this.order.released].flatMap((id) => this.cases.get(id) ?? []);
  }

  get pending(): number {
    return this.extents.held.total;
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
    return shown.length < this.extents[list].total;
  }

  /** Loads the next images of a list; a decision moves those behind it forward by one. */
  async loadMore(list: ReviewList): Promise<void> {
    const extent = this.extents[list];
    for (;;) {
      const answer = await this.load(list, Math.floor(extent.loaded / this.pageSize) + 1);
      this.pageSize = Math.max(this.pageSize, answer.results.length);
      extent.total = answer.count;
      extent.loaded = (answer.page - 1) * this.pageSize + answer.results.length;
      const fresh = answer.results.filter(({ id }) => this.outcomes.get(id) !== OUTCOMES[list]);
      for (const found of fresh) this.keep(found, list);
      if (fresh.length > 0 || answer.page >= answer.pages) return;
    }
  }

  /** Adds a case that a link leads to, which may be on a later page of its list. */
  add(found: Case): void {
    if (found.state === "held") this.keep(found, "held");
    else if (found.actions.includes("undo_release")) this.keep(found, "released");
  }

  /** Notes a decision, and that it moved the case from one list to another. */
  decide(found: Case, outcome: Outcome): void {
    const before = this.outcomeOf(found.id);
    if (before === outcome) return;
    for (const list of ["held", "released"] as const) {
      const extent = this.extents[list];
      if (before === OUTCOMES[list]) {
        extent.total = Math.max(0, extent.total - 1);
        extent.loaded = Math.max(0, extent.loaded - 1);
      }
      if (outcome === OUTCOMES[list]) extent.total += 1;
    }
    this.cases.set(found.id, found);
    this.outcomes.set(found.id, outcome);
  }

  /** The pending case after this one, or else the first; loads further ones when none is left. */
  async nextPending(current: string): Promise<string> {
    if (this.pendingIds().length === 0 && this.pending > 0) {
      this.extents.held.loaded = 0;
      await this.loadMore("held");
    }
    const ids = this.all.map(({ id }) => id);
    const pending = this.pendingIds();
    return pending.find((id) => ids.indexOf(id) > ids.indexOf(current)) ?? pending[0] ?? "";
  }

  private pendingIds(): string[] {
    return this.all.map(({ id }) => id).filter((id) => this.outcomes.get(id) === "pending");
  }

  private keep(found: Case, list: ReviewList): void {
    if (!this.cases.has(found.id)) this.order[list].push(found.id);
    this.cases.set(found.id, found);
    this.outcomes.set(found.id, OUTCOMES[list]);
  }
}

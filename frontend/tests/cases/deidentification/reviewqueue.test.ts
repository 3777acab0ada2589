import { describe, expect, it } from "vitest";

import type { Case, CasePage } from "../../../src/cases/contract";
import { ReviewQueue } from "../../../src/cases/deidentification/reviewqueue";
import type { ReviewList } from "../../../src/cases/deidentification/reviewqueue";

const SIZE = 3;

/** A study's cases as the server lists them, in pages of three. */
class Study {
  readonly cases: Case[];

  constructor(pending: number, released: number) {
    const createCases = (state: Case["state"], count: number): Case[] =>
      Array.from({ length: count }, (_, index) => caseOf(`${state}-${String(index).padStart(2, "0")}`, state));
    this.cases = [...createCases("pending_review", pending), ...createCases("ready", released)];
  }

  readonly load = (list: ReviewList, page: number): Promise<CasePage> => {
    const all = this.cases.filter(({ state }) => state === (list === "pending_review" ? "pending_review" : "ready"));
    const pages = Math.max(1, Math.ceil(all.length / SIZE));
    const number = Math.min(page, pages);
    const results = all.slice((number - 1) * SIZE, number * SIZE);
    return Promise.resolve({ results, count: all.length, page: number, pages });
  };

  change(id: string, state: Case["state"]): Case {
    const after = caseOf(id, state);
    this.cases.splice(this.cases.findIndex((one) => one.id === id), 1, after);
    return after;
  }
}

function caseOf(id: string, state: Case["state"]): Case {
  return {
    id,
    label: id,
    patient: "P01",
    state,
    state_label: state,
    reason: null,
    site: { code: "A", name: "Hospital A" },
    scanner: "",
    acquired_shifted: null,
    level_uncertainty: null,
    corners_confirmed: null,
    anterior: null,
    crop_verdict: null,
    thumbnail: null,
    image_version: 1,
    practice: false,
    actions: state === "pending_review" ? ["release", "reject"] : ["undo_release"],
    assigned: false,
    uploaded_at: "2026-11-29T08:00:00Z",
  };
}

async function loaded(study: Study): Promise<ReviewQueue> {
  const queue = new ReviewQueue(study.load);
  await queue.begin();
  return queue;
}

const ids = (queue: ReviewQueue): string[] => queue.all.map(({ id }) => id);

describe("the de-identification review of a study with several pages", () => {
  it("counts all images and shows the first page of each list", async () => {
    const queue = await loaded(new Study(7, 4));
    expect([queue.pending, queue.released]).toEqual([7, 4]);
    expect(ids(queue)).toEqual(["pending_review-00", "pending_review-01", "pending_review-02", "ready-00", "ready-01", "ready-02"]);
    expect([queue.hasMore("pending_review"), queue.hasMore("released")]).toEqual([true, true]);
  });

  it("visits every pending image in turn", async () => {
    const study = new Study(7, 0);
    const queue = await loaded(study);
    const seen: string[] = [];
    for (let id = await queue.nextPending(""); id !== ""; id = await queue.nextPending(id)) {
      seen.push(id);
      expect(seen.length).toBeLessThan(8);
      queue.recordDecision(study.change(id, "ready"), "released");
    }
    expect(seen).toEqual(["pending_review-00", "pending_review-01", "pending_review-02", "pending_review-03", "pending_review-04", "pending_review-05", "pending_review-06"]);
    expect([queue.pending, queue.released]).toEqual([0, 7]);
  });

  it("skips no image when more are loaded after decisions", async () => {
    const study = new Study(8, 0);
    const queue = await loaded(study);
    for (const id of ["pending_review-00", "pending_review-01"]) queue.recordDecision(study.change(id, "rejected"), "rejected");
    while (queue.hasMore("pending_review")) await queue.loadMore("pending_review");
    expect(ids(queue)).toEqual(study.cases.map(({ id }) => id));
    expect(queue.pending).toBe(6);
  });

  it("lists every released image, also after one was undone", async () => {
    const study = new Study(1, 7);
    const queue = await loaded(study);
    queue.recordDecision(study.change("ready-01", "pending_review"), "pending");
    expect([queue.pending, queue.released]).toEqual([2, 6]);
    while (queue.hasMore("released")) await queue.loadMore("released");
    expect(ids(queue).filter((id) => id.startsWith("ready"))).toHaveLength(7);
    expect(await queue.nextPending("pending_review-00")).toBe("ready-01");
  });

  it("adds the case of a link only while it can be released or its release undone", async () => {
    const study = new Study(5, 0);
    const queue = await loaded(study);
    queue.add(caseOf("pending_review-04", "pending_review"));
    queue.add({ ...caseOf("other", "ready"), actions: ["exclude"] });
    expect(ids(queue)).toEqual(["pending_review-00", "pending_review-01", "pending_review-02", "pending_review-04"]);
    expect([queue.pending, queue.hasMore("pending_review")]).toEqual([5, true]);
    await queue.loadMore("pending_review");
    expect(ids(queue)).toContain("pending_review-03");
    expect(queue.hasMore("pending_review")).toBe(false);
  });
});

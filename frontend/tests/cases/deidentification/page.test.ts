// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Case, CasePage } from "../../../src/cases/contract";
import { DeidentificationReview } from "../../../src/cases/deidentification/page";
import { Failure, buttonNamed, serve, settle, stubDrawing } from "../../server";
import { caseDetail, caseWith } from "../fixtures";

const CASES = "/api/studies/s/cases";
const pending = caseWith({ state: "pending_review", actions: ["release", "reject"], reason: { code: "unsure", text: "May show a name." } });
const other = { ...pending, id: "c2", label: "C0002" };

function pageOf(results: readonly Case[]): CasePage {
  return { results, count: results.length, page: 1, pages: 1 };
}

async function openReview(waiting: readonly Case[], released: readonly Case[] = [], more: Record<string, unknown> = {}, id = "") {
  const table: Record<string, unknown> = {
    [`GET ${CASES}?state=pending_review&page=1`]: pageOf(waiting),
    [`GET ${CASES}?state=released&page=1`]: pageOf(released),
    ...more,
  };
  for (const one of [pending, other]) {
    table[`GET /api/cases/${one.id}`] = caseDetail({ ...one });
    table[`GET /api/cases/${one.id}/pixels?v=1`] = new Uint8Array(12 * 24).buffer;
  }
  const sent = serve(table);
  const root = document.createElement("div");
  document.body.replaceChildren(root);
  await new DeidentificationReview(root, { study: "s", api: "/api/", case: id }).start();
  await settle();
  return { root, sent };
}

describe("de-identification review", () => {
  beforeEach(stubDrawing);
  afterEach(() => { vi.unstubAllGlobals(); vi.restoreAllMocks(); });

  it("shows the first pending image with all its edges", async () => {
    const { root } = await openReview([pending, other]);
    expect(root.querySelector("h2")?.textContent).toBe("C0001 pending");
    const captions = [...root.querySelectorAll("figcaption")].map((caption) => caption.textContent);
    expect(captions).toEqual(["Top edge", "Left edge", "Whole image", "Right edge", "Bottom edge"]);
    expect(root.textContent).toContain("2 pending, 0 released and not yet assigned");
    expect(buttonNamed(root, "Release image").disabled).toBe(false);
  });

  it("cannot release an image that has not been loaded", async () => {
    const { root } = await openReview([{ ...pending, id: "c3" }]);
    expect(buttonNamed(root, "Release image").disabled).toBe(true);
    expect(root.querySelector("[role=status]")?.textContent).toContain("could not be reached");
  });

  it("releases an image, opens the next one and offers to undo", async () => {
    const released = { ...pending, state: "ready" as const, actions: ["undo_release" as const] };
    const { root, sent } = await openReview([pending, other], [], {
      "POST /api/cases/c1/release": released,
      "POST /api/cases/c1/undo-release": pending,
    });
    buttonNamed(root, "Release image").click();
    await settle();
    expect(root.querySelector("[role=status]")?.textContent).toContain("C0001 released.");
    expect(root.querySelector(".review-main h2")?.textContent).toBe("C0002 pending");
    buttonNamed(root, "Undo").click();
    await settle();
    expect(sent.some(({ path }) => path === "/api/cases/c1/undo-release")).toBe(true);
    expect(root.querySelector(".review-main h2")?.textContent).toBe("C0001 pending");
  });

  it("never passes the focus to the decision on the next image", async () => {
    const { root } = await openReview([pending, other], [], { "POST /api/cases/c1/release": { ...pending, state: "ready", actions: [] } });
    const release = buttonNamed(root, "Release image");
    release.focus();
    release.click();
    await settle();
    expect(root.querySelector(".review-main h2")?.textContent).toBe("C0002 pending");
    expect(document.activeElement).not.toBe(buttonNamed(root, "Release image"));
    buttonNamed(root, "Reject image").focus();
    buttonNamed(root, "C0001").click();
    await settle();
    expect(root.querySelector(".review-main h2")?.textContent).toBe("C0001 released");
    expect(document.activeElement).toBe(document.body);
  });

  it("has new decision buttons for each image", async () => {
    const { root } = await openReview([pending, other]);
    const release = buttonNamed(root, "Release image");
    release.focus();
    buttonNamed(root, "C0002").click();
    await settle();
    expect(release.isConnected).toBe(false);
    expect(document.activeElement).not.toBe(buttonNamed(root, "Release image"));
  });

  it("marks the open image in the queue, which keeps the focus", async () => {
    const { root } = await openReview([pending, other]);
    const current = (): (string | undefined)[] => [...root.querySelectorAll("ol [aria-current=true]")].map((one) => one.textContent);
    expect(current()).toEqual(["C0001"]);
    const second = buttonNamed(root, "C0002");
    second.focus();
    second.click();
    await settle();
    expect(current()).toEqual(["C0002"]);
    expect(document.activeElement).toBe(second);
  });

  it("sends a decision once, and stays at an image that was opened before the response", async () => {
    let answer: (updated: unknown) => void = () => undefined;
    const third = { ...pending, id: "c3", label: "C0003" };
    const { root, sent } = await openReview([pending, other, third], [], {
      "POST /api/cases/c1/release": () => new Promise((resolve) => { answer = resolve; }),
      "GET /api/cases/c3": caseDetail({ ...third }),
      "GET /api/cases/c3/pixels?v=1": new Uint8Array(12 * 24).buffer,
    });
    for (let click = 0; click < 2; click += 1) buttonNamed(root, "Release image").click();
    buttonNamed(root, "C0003").click();
    await settle();
    answer({ ...pending, state: "ready", actions: [] });
    await settle();
    expect(sent.filter(({ method }) => method === "POST")).toHaveLength(1);
    expect(root.querySelector("[role=status]")?.textContent).toContain("C0001 released.");
    expect(root.querySelector(".review-main h2")?.textContent).toBe("C0003 pending");
  });

  it("says that the queue and then the image are loading", async () => {
    const answers: ((answer: unknown) => void)[] = [];
    const later = (): Promise<unknown> => new Promise((resolve) => { answers.push(resolve); });
    serve({
      [`GET ${CASES}?state=pending_review&page=1`]: later,
      [`GET ${CASES}?state=released&page=1`]: pageOf([]),
      "GET /api/cases/c1": caseDetail({ ...pending }),
      "GET /api/cases/c1/pixels?v=1": later,
    });
    const root = document.createElement("div");
    document.body.replaceChildren(root);
    void new DeidentificationReview(root, { study: "s", api: "/api/", case: "" }).start();
    expect(root.textContent).toContain("Loading the review queue");
    answers[0]?.(pageOf([pending]));
    await settle();
    expect(root.querySelector(".review-main")?.textContent).toContain("Loading the image");
    answers[1]?.(new Uint8Array(12 * 24).buffer);
    await settle();
    expect(root.textContent).not.toContain("Loading");
  });

  it("undoes an earlier release from the queue", async () => {
    const released = { ...other, state: "ready" as const, actions: ["undo_release" as const] };
    const { root, sent } = await openReview([pending], [released], { "POST /api/cases/c2/undo-release": other });
    expect(root.textContent).toContain("1 pending, 1 released and not yet assigned");
    buttonNamed(root, "Undo the release of C0002").click();
    await settle();
    expect(sent.find(({ method }) => method === "POST")?.path).toBe("/api/cases/c2/undo-release");
    expect(root.textContent).toContain("2 pending, 0 released and not yet assigned");
    expect(root.querySelector(".review-main h2")?.textContent).toBe("C0002 pending");
  });

  it("loads more images on request, as long as there are any", async () => {
    const { root } = await openReview([pending], [], {
      [`GET ${CASES}?state=pending_review&page=1`]: { results: [pending], count: 2, page: 1, pages: 2 },
      [`GET ${CASES}?state=pending_review&page=2`]: { results: [other], count: 2, page: 2, pages: 2 },
    });
    const more = buttonNamed(root, "Show more pending images");
    more.click();
    await settle();
    expect([...root.querySelectorAll("ol li")].map((item) => item.textContent.trim().split(/\s/)[0])).toEqual(["C0001", "C0002"]);
    expect(more.isConnected).toBe(false);
  });

  it("switches contrast and polarity of all views, and keeps the focus", async () => {
    const { root } = await openReview([pending]);
    const views = (): Element[] => [...root.querySelectorAll("canvas[role=img]")];
    const before = views();
    for (const [name, first, second] of [["Enhanced contrast", "true", "false"], ["Invert", "false", "true"]] as const) {
      const tool = buttonNamed(root, name);
      expect(tool.getAttribute("aria-pressed")).toBe(first);
      tool.focus();
      tool.click();
      expect(tool.getAttribute("aria-pressed")).toBe(second);
      expect(document.activeElement).toBe(tool);
    }
    expect(views().map((view) => view.getAttribute("aria-label"))).toEqual(["Top edge", "Left edge", "Whole image", "Right edge", "Bottom edge"]);
    expect(views().some((view) => before.includes(view))).toBe(false);
  });

  it("rejects an image with a reason", async () => {
    const { root, sent } = await openReview([pending], [], { "POST /api/cases/c1/reject": { ...pending, state: "rejected", actions: [] } });
    buttonNamed(root, "Reject image").click();
    const dialog = document.querySelector("dialog");
    const text = dialog?.querySelector("textarea");
    if (dialog === null || text === null || text === undefined) throw new Error("no dialog");
    text.value = "shows a name";
    dialog.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
    expect(sent.find(({ method }) => method === "POST")).toMatchObject({ path: "/api/cases/c1/reject", body: { reason: "shows a name" } });
    expect(root.textContent).toContain("C0001 rejected. Its image was deleted. No images are pending.");
    expect(root.querySelector(".review-main h2")?.textContent).toBe("Review complete");
  });

  it("shows the error of a decision and keeps the image pending", async () => {
    const { root } = await openReview([pending], [], { "POST /api/cases/c1/release": new Failure(409, "too_late", "The case was assigned.") });
    buttonNamed(root, "Release image").click();
    await settle();
    expect(root.querySelector("[role=status]")?.textContent).toBe("The case was assigned.");
    expect(root.querySelector(".review-main h2")?.textContent).toBe("C0001 pending");
  });

  it("opens the case of a link", async () => {
    const { root } = await openReview([pending, other], [], {}, "c2");
    expect(root.querySelector(".review-main h2")?.textContent).toBe("C0002 pending");
  });

  it("says when no images are pending", async () => {
    const { root } = await openReview([]);
    expect(root.querySelector("h2")?.textContent).toBe("No images are pending review");
    expect(root.querySelector("a")?.getAttribute("href")).toBe("/studies/s/cases");
  });

  it("shows only the error when the queue cannot be loaded", async () => {
    const { root } = await openReview([], [], { [`GET ${CASES}?state=released&page=1`]: new Failure(500, "failed", "The server failed.") });
    expect(root.textContent.trim()).toBe("The server failed.");
    expect(root.querySelector("h2")).toBeNull();
  });
});

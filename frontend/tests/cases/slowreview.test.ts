// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CaseReview } from "../../src/cases/review";
import { Failure, buttonNamed, serve, settle, stubDrawing } from "../server";
import { PAGE, PIXELS, confirm, openCase } from "./opencase";
import { caseDetail } from "./fixtures";

describe("case page on a slow connection", () => {
  beforeEach(stubDrawing);
  afterEach(() => { vi.unstubAllGlobals(); vi.restoreAllMocks(); });

  it("offers corrections of what is on the image only once its pixels are shown", async () => {
    let arrive: (pixels: ArrayBuffer) => void = () => undefined;
    const pixels = new Promise<ArrayBuffer>((resolve) => { arrive = resolve; });
    serve({ "GET /api/cases/c1": caseDetail(), "GET /api/cases/c1/pixels?v=1": () => pixels });
    const root = document.createElement("div");
    document.body.replaceChildren(root);
    void new CaseReview(root, PAGE).start();
    await settle();
    const names = ["Correct corners", "Relabel levels cranially", "Flip anterior side"];
    for (const name of names) expect(buttonNamed(root, name).disabled).toBe(true);
    expect(buttonNamed(root, "Exclude case").disabled).toBe(false);
    arrive(PIXELS);
    await settle();
    for (const name of names) expect(buttonNamed(root, name).disabled).toBe(false);
  });

  it("says that the case and then its image are loading", async () => {
    vi.useFakeTimers();
    try {
      const arrive: ((answer: unknown) => void)[] = [];
      const later = (): Promise<unknown> => new Promise((resolve) => { arrive.push(resolve); });
      serve({ "GET /api/cases/c1": later, "GET /api/cases/c1/pixels?v=1": later });
      const root = document.createElement("div");
      document.body.replaceChildren(root);
      void new CaseReview(root, PAGE).start();
      expect(root.querySelector(".case-details")?.textContent).toContain("Loading the case");
      arrive[0]?.(caseDetail());
      await vi.advanceTimersByTimeAsync(1_000);
      expect(root.querySelector(".case-details")?.textContent).not.toContain("Loading the case");
      expect(root.querySelector(".viewer")?.textContent).toContain("Loading the image");
      arrive[1]?.(PIXELS);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(root.textContent).not.toContain("Loading");
    } finally {
      vi.useRealTimers();
    }
  });

  it("sends a decision once, and no other action meanwhile", async () => {
    let answer: (updated: unknown) => void = () => undefined;
    const uncertainty = { reason: "spacing", detail: "", accepted: false };
    const { root, sent } = await openCase({
      "GET /api/cases/c1": caseDetail({ level_uncertainty: uncertainty, actions: ["accept", "move_corners", "shift_levels"] }),
      "POST /api/cases/c1/accept": () => new Promise((resolve) => { answer = resolve; }),
    });
    buttonNamed(root, "Accept level labels").click();
    for (const name of ["Accept level labels", "Correct corners", "Relabel levels cranially"]) buttonNamed(root, name).click();
    await settle();
    expect(sent.filter(({ method }) => method === "POST")).toHaveLength(1);
    expect(sent.some(({ path }) => path.includes("relabelled"))).toBe(false);
    expect(root.querySelector(".correction")).toBeNull();
    expect(root.querySelector(".case-head [role=status]")?.textContent).toBe("Saving\u2026");
    answer(caseDetail({ actions: ["move_corners"] }));
    await settle();
    expect(root.textContent).toContain("Saved and recorded in the audit trail.");
    buttonNamed(root, "Correct corners").click();
    expect(root.querySelector(".correction")).not.toBeNull();
  });

  it("ignores a poll that was sent before a decision and answered after it", async () => {
    vi.useFakeTimers();
    try {
      const analysing = caseDetail({ state: "analysing", actions: ["exclude"] });
      const answers: ((answer: unknown) => void)[] = [];
      const table: Record<string, unknown> = {
        "GET /api/cases/c1": analysing,
        "GET /api/cases/c1/pixels?v=1": PIXELS,
        "POST /api/cases/c1/exclude": caseDetail({ state: "excluded", actions: [] }),
      };
      serve(table);
      const root = document.createElement("div");
      document.body.replaceChildren(root);
      await new CaseReview(root, PAGE).start();
      table["GET /api/cases/c1"] = () => new Promise((resolve) => { answers.push(resolve); });
      await vi.advanceTimersByTimeAsync(3_000);
      expect(answers).toHaveLength(1);
      buttonNamed(root, "Exclude case").click();
      (document.querySelector("dialog textarea") as HTMLTextAreaElement).value = "wrong patient";
      confirm("Exclude");
      await vi.advanceTimersByTimeAsync(0);
      expect(root.querySelector(".badge")?.textContent).toBe("excluded");
      answers[0]?.(analysing);
      await vi.advanceTimersByTimeAsync(0);
      expect(root.querySelector(".badge")?.textContent).toBe("excluded");
    } finally {
      vi.useRealTimers();
    }
  });

  it("keeps polling when a response is missing", async () => {
    vi.useFakeTimers();
    try {
      const table: Record<string, unknown> = { "GET /api/cases/c1": caseDetail({ state: "analysing", actions: [] }), "GET /api/cases/c1/pixels?v=1": PIXELS };
      serve(table);
      const root = document.createElement("div");
      document.body.replaceChildren(root);
      await new CaseReview(root, PAGE).start();
      table["GET /api/cases/c1"] = new Failure(503, "unavailable", "Try again later.");
      await vi.advanceTimersByTimeAsync(3_000);
      table["GET /api/cases/c1"] = caseDetail();
      await vi.advanceTimersByTimeAsync(3_000);
      expect(root.querySelector(".badge")?.textContent).toBe("ready");
    } finally {
      vi.useRealTimers();
    }
  });
});

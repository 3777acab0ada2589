// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CaseReview } from "../../src/cases/review";
import { Failure, buttonNamed, serve, settle, stubDrawing } from "../server";
import { PAGE, PIXELS, confirm, openCase } from "./opencase";
import { caseDetail, landmarkSet } from "./fixtures";

describe("case page", () => {
  beforeEach(stubDrawing);
  afterEach(() => { vi.unstubAllGlobals(); vi.restoreAllMocks(); });

  it("shows details, measurements and the version history", async () => {
    const { root } = await openCase({ "GET /api/cases/c1": caseDetail() });
    expect(root.querySelector("h1")?.textContent).toBe("C0001");
    const text = root.textContent;
    for (const part of ["North Hospital", "1 Mar 2026 (shifted)", "0.91", "25.0", "Lordosis L1 to L5: 49.3\u00b0", "L5 was not detected."]) {
      expect(text).toContain(part);
    }
    expect(root.querySelector(".history")?.textContent).toContain("Version 1: located by the network");
  });

  it("draws the landmarks unless they are switched off", async () => {
    const { root } = await openCase({ "GET /api/cases/c1": caseDetail() });
    expect(root.querySelectorAll("svg .outline")).toHaveLength(5);
    const landmarks = [...root.querySelectorAll("label")].find((label) => label.textContent === "Landmarks");
    const checkbox = landmarks?.querySelector("input");
    if (checkbox === null || checkbox === undefined) throw new Error("no checkbox");
    checkbox.checked = false;
    checkbox.dispatchEvent(new Event("change"));
    expect(root.querySelectorAll("svg .outline")).toHaveLength(0);
  });

  it("offers to accept uncertain level labels, with the version that was shown", async () => {
    const uncertainty = { reason: "spacing", detail: "The gap between L2 and L3 is large.", accepted: false };
    const uncertain = caseDetail({ level_uncertainty: uncertainty, actions: ["accept", "exclude"] });
    const { root, sent } = await openCase({
      "GET /api/cases/c1": uncertain,
      "POST /api/cases/c1/accept": caseDetail({ level_uncertainty: { ...uncertainty, accepted: true } }),
    });
    expect(root.textContent).toContain("Level labelling is uncertain.");
    expect(root.querySelector(".badge")?.textContent).toBe("level labelling uncertain");
    buttonNamed(root, "Accept level labels").click();
    await settle();
    expect(sent.at(-1)).toMatchObject({ path: "/api/cases/c1/accept", body: { based_on: 1 } });
    expect(root.textContent).toContain("Saved and recorded in the audit trail.");
    expect(root.textContent).not.toContain("Level labelling is uncertain.");
  });

  it("excludes a case only with a reason", async () => {
    const { root, sent } = await openCase({
      "GET /api/cases/c1": caseDetail(),
      "POST /api/cases/c1/exclude": caseDetail({ state: "excluded", actions: [] }),
    });
    buttonNamed(root, "Exclude case").click();
    confirm("Exclude");
    await settle();
    expect(sent.some(({ method }) => method === "POST")).toBe(false);
    const field = document.querySelector("dialog textarea") as HTMLTextAreaElement;
    field.value = "wrong patient";
    confirm("Exclude");
    await settle();
    expect(sent.find(({ method }) => method === "POST")?.body).toEqual({ reason: "wrong patient", based_on: 1 });
    expect(root.querySelector(".badge")?.textContent).toBe("excluded");
  });

  it("shows the error of a decision", async () => {
    const { root } = await openCase({
      "GET /api/cases/c1": caseDetail({ actions: ["analyse"] }),
      "POST /api/cases/c1/analyse": new Failure(409, "too_late", "The case is being analysed already."),
    });
    buttonNamed(root, "Repeat analysis").click();
    await settle();
    expect(root.querySelector("[role=alert]")?.textContent).toBe("The case is being analysed already.");
  });

  it("previews relabelling before saving, and undoes it afterwards", async () => {
    const relabelled = caseDetail({ landmark_set: landmarkSet(2) });
    const { landmarks } = landmarkSet();
    const moved = { ...landmarks, T12: null, L1: landmarks["T12"], L2: landmarks["L1"], L3: landmarks["L2"], L4: landmarks["L3"], L5: landmarks["L4"] };
    const { root, sent } = await openCase({
      "GET /api/cases/c1": caseDetail(),
      "GET /api/cases/c1/relabelled?by=1": { landmarks: moved },
      "POST /api/cases/c1/shift-levels": relabelled,
      "POST /api/cases/c1/landmarks/1/restore": caseDetail({ landmark_set: landmarkSet(3) }),
    });
    buttonNamed(root, "Relabel levels cranially").click();
    await settle();
    expect(root.querySelector(".relabelled")?.textContent).toContain("L1 becomes L2");
    expect(root.querySelector<HTMLElement>(".viewer-note")?.hidden).toBe(false);
    expect(document.activeElement).toBe(buttonNamed(root, "Save labels"));
    expect(sent.some(({ method }) => method === "POST")).toBe(false);
    buttonNamed(root, "Save labels").click();
    await settle();
    expect(sent.at(-1)).toMatchObject({ path: "/api/cases/c1/shift-levels", body: { by: 1, based_on: 1 } });
    expect(root.textContent).toContain("Labels saved as version 2.");
    buttonNamed(root, "Undo").click();
    await settle();
    expect(sent.at(-1)).toMatchObject({ path: "/api/cases/c1/landmarks/1/restore", body: { based_on: 2 } });
  });

  it("keeps the focus off other decisions when the offered ones change", async () => {
    const uncertainty = { reason: "spacing", detail: "", accepted: false };
    const { root } = await openCase({
      "GET /api/cases/c1": caseDetail({ level_uncertainty: uncertainty, actions: ["accept", "exclude"] }),
      "POST /api/cases/c1/accept": caseDetail({ actions: ["exclude"] }),
    });
    const accept = buttonNamed(root, "Accept level labels");
    const exclude = buttonNamed(root, "Exclude case");
    accept.focus();
    accept.click();
    await settle();
    expect(accept.isConnected).toBe(false);
    expect(buttonNamed(root, "Exclude case")).toBe(exclude);
    expect(document.activeElement).not.toBe(exclude);
  });

  it("keeps the focus and open details while it polls, and stops when the analysis is done", async () => {
    vi.useFakeTimers();
    try {
      const crop = { ...landmarkSet().crop, evidence: { unit: "mm" as const, lines: [{ name: "L2 1/3", margin: -4, leaves: true, field_end: null, at: [6, 4] as const, side: "right" as const, kind: "image" as const }] } };
      const analysing = caseDetail({ state: "analysing", actions: ["exclude"], landmark_set: { ...landmarkSet(), crop } });
      const sent = serve({ "GET /api/cases/c1": analysing, "GET /api/cases/c1/pixels?v=1": PIXELS });
      const root = document.createElement("div");
      document.body.replaceChildren(root);
      await new CaseReview(root, PAGE).start();
      const details = root.querySelector("details");
      details?.setAttribute("open", "");
      const exclude = buttonNamed(root, "Exclude case");
      exclude.focus();
      await vi.advanceTimersByTimeAsync(6_000);
      const requests = (): number => sent.filter(({ path }) => path === "/api/cases/c1").length;
      expect(requests()).toBe(3);
      expect(document.activeElement).toBe(exclude);
      expect(root.querySelector("details")).toBe(details);
      expect(details?.hasAttribute("open")).toBe(true);
      Object.assign(analysing, { state: "ready", state_label: "ready" });
      await vi.advanceTimersByTimeAsync(10_000);
      expect(requests()).toBe(4);
      expect(root.querySelector(".badge")?.textContent).toBe("ready");
    } finally {
      vi.useRealTimers();
    }
  });

  it("compares another version on the image until the button is pressed again", async () => {
    const { history } = caseDetail();
    const second = { ...history[0], version: 2, source: "shifted" } as (typeof history)[number];
    const { root } = await openCase({
      "GET /api/cases/c1": caseDetail({ landmark_set: landmarkSet(2), history: [...history, second] }),
      "GET /api/cases/c1/landmarks/1": landmarkSet(1),
    });
    const compare = buttonNamed(root, "Compare");
    compare.focus();
    for (const pressed of ["true", "false"]) {
      compare.click();
      await settle();
      expect(compare.getAttribute("aria-pressed")).toBe(pressed);
      expect(document.activeElement).toBe(compare);
    }
  });

  it("moves the focus into and out of the correction of corners", async () => {
    const { root } = await openCase({ "GET /api/cases/c1": caseDetail() });
    buttonNamed(root, "Correct corners").click();
    const panel = root.querySelector("section[aria-label='Correct corners']");
    expect(document.activeElement?.getAttribute("aria-label")).toBe("T12 superior posterior");
    expect(panel?.querySelector("[role=status]")?.textContent).toBe("x 2.00, y 1.00");
    for (const name of ["L1 superior posterior", "L2 superior posterior"]) {
      const handle = buttonNamed(root, name);
      handle.focus();
      handle.dispatchEvent(new KeyboardEvent("keydown", { key: "Delete" }));
    }
    expect(document.activeElement?.textContent).toBe("L2 superior posterior");
    expect(document.activeElement?.closest(".missing")).not.toBeNull();
    expect(panel?.querySelector("[role=status]")?.textContent).toBe("outside the image, not used");
    (document.activeElement as HTMLButtonElement).click();
    expect(document.activeElement?.getAttribute("aria-label")).toBe("L2 superior posterior");
    const missing = [...root.querySelectorAll(".missing button")].map((one) => one.textContent);
    expect(missing.slice(0, 2)).toEqual(["L1 superior posterior", "L5 superior posterior"]);
    for (let undone = 0; undone < 3; undone += 1) buttonNamed(root, "Undo").click();
    buttonNamed(root, "Close").click();
    expect(document.activeElement).toBe(buttonNamed(root, "Correct corners"));
  });

  it("keeps the reason and the focus while the panel of the correction changes", async () => {
    const table: Record<string, unknown> = { "GET /api/cases/c1": caseDetail(), "POST /api/cases/c1/landmarks": new Failure(409, "locked", "The study is locked.") };
    const { root, sent } = await openCase(table);
    buttonNamed(root, "Correct corners").click();
    const reason = root.querySelector("textarea");
    if (reason === null) throw new Error("no reason");
    reason.value = " see report ";
    reason.focus();
    buttonNamed(root, "L1 superior posterior").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    buttonNamed(root, "Save").click();
    expect(buttonNamed(root, "Save").disabled).toBe(true);
    await settle();
    expect(sent.at(-1)?.body).toMatchObject({ reason: "see report" });
    expect(root.querySelector("section [role=alert]")?.textContent).toBe("The study is locked.");
    expect(buttonNamed(root, "Save").disabled).toBe(false);
    expect([document.activeElement, reason.value]).toEqual([reason, " see report "]);
  });

  it("saves corrected corners with the version that they are based on", async () => {
    const { root, sent } = await openCase({
      "GET /api/cases/c1": caseDetail(),
      "POST /api/cases/c1/landmarks": caseDetail({ landmark_set: landmarkSet(2) }),
    });
    buttonNamed(root, "Correct corners").click();
    expect(buttonNamed(root, "Save").disabled).toBe(true);
    buttonNamed(root, "L1 superior posterior").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    expect(root.textContent).toContain("1 corner changed");
    buttonNamed(root, "Save").click();
    await settle();
    const body = sent.at(-1)?.body as { based_on: number; landmarks: Record<string, Record<string, number[]>> };
    expect(body.based_on).toBe(1);
    expect(body.landmarks["L1"]?.["superior_posterior"]).toEqual([2.5, 5]);
    expect(root.textContent).toContain("Saved as version 2.");
  });

  it.each([["z", "y"], ["\u044f", "\u043d"]])("undoes and redoes changes of corners with Ctrl+%s and Ctrl+%s", async (undo, redo) => {
    const { root } = await openCase({ "GET /api/cases/c1": caseDetail() });
    buttonNamed(root, "Correct corners").click();
    buttonNamed(root, "L1 superior posterior").dispatchEvent(new KeyboardEvent("keydown", { key: "Delete" }));
    expect(root.querySelector(".missing")?.textContent).toContain("L1 superior posterior");
    document.dispatchEvent(new KeyboardEvent("keydown", { key: undo, code: "KeyZ", ctrlKey: true }));
    expect(root.querySelector(".missing")?.textContent).not.toContain("L1 superior posterior");
    document.dispatchEvent(new KeyboardEvent("keydown", { key: redo, code: "KeyY", ctrlKey: true }));
    expect(root.querySelector(".missing")?.textContent).toContain("L1 superior posterior");
  });

  it("applies changes to the version of another person after a conflict", async () => {
    const table: Record<string, unknown> = {
      "GET /api/cases/c1": caseDetail(),
      "POST /api/cases/c1/landmarks": new Failure(409, "stale", "Another person saved version 2."),
    };
    const { root, sent, routes } = await openCase(table);
    buttonNamed(root, "Correct corners").click();
    buttonNamed(root, "L1 superior posterior").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    routes["GET /api/cases/c1"] = caseDetail({ landmark_set: landmarkSet(2) });
    buttonNamed(root, "Save").click();
    await settle();
    expect(root.querySelector(".correction [role=alert]")?.textContent).toContain("Your changes are kept");
    buttonNamed(root, "Save").click();
    await settle();
    expect(sent.filter(({ method }) => method === "POST").at(-1)?.body).toMatchObject({ based_on: 2 });
  });
});

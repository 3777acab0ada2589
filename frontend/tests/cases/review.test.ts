// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CaseReview } from "../../src/cases/review";
import { Failure, buttonNamed, serve, settle, stubDrawing } from "../server";
import { caseDetail, landmarkSet } from "./fixtures";

const PAGE = { case: "c1", api: "/api/", cases_url: "/cases", review_url: "/review" };
const PIXELS = new Uint8Array(12 * 24).buffer;

async function openCase(table: Record<string, unknown>) {
  const routes: Record<string, unknown> = { "GET /api/cases/c1/pixels?v=1": PIXELS, ...table };
  const sent = serve(routes);
  const root = document.createElement("div");
  document.body.replaceChildren(root);
  await new CaseReview(root, PAGE).start();
  await settle();
  return { root, sent, routes };
}

function confirm(label: string): void {
  const dialog = document.querySelector("dialog");
  if (dialog === null) throw new Error("no dialog");
  const button = buttonNamed(dialog, label);
  button.form?.dispatchEvent(new Event("submit", { cancelable: true }));
}

describe("case page", () => {
  beforeEach(stubDrawing);
  afterEach(() => { vi.unstubAllGlobals(); vi.restoreAllMocks(); });

  it("shows details, measurements and the version history", async () => {
    const { root } = await openCase({ "GET /api/cases/c1": caseDetail() });
    expect(root.querySelector("h1")?.textContent).toBe("C0001");
    const text = root.textContent;
    for (const part of ["North Hospital", "1 Mar 2026 (shifted)", "91 %", "25.0", "Lordosis L1 to L5: 49.3\u00b0", "L5 was not detected."]) {
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
    const doubt = { reason: "spacing", detail: "The gap between L2 and L3 is large.", accepted: false };
    const uncertain = caseDetail({ doubt, actions: ["accept", "exclude"] });
    const { root, sent } = await openCase({
      "GET /api/cases/c1": uncertain,
      "POST /api/cases/c1/accept": caseDetail({ doubt: { ...doubt, accepted: true } }),
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
      "POST /api/cases/c1/landmarks/1/take": caseDetail({ landmark_set: landmarkSet(3) }),
    });
    buttonNamed(root, "Relabel levels cranially").click();
    await settle();
    expect(root.querySelector(".relabelled")?.textContent).toContain("L1 becomes L2");
    expect(root.querySelector<HTMLElement>(".viewer-note")?.hidden).toBe(false);
    expect(sent.some(({ method }) => method === "POST")).toBe(false);
    buttonNamed(root, "Save labels").click();
    await settle();
    expect(sent.at(-1)).toMatchObject({ path: "/api/cases/c1/shift-levels", body: { by: 1, based_on: 1 } });
    expect(root.textContent).toContain("Labels saved as version 2.");
    buttonNamed(root, "Undo").click();
    await settle();
    expect(sent.at(-1)).toMatchObject({ path: "/api/cases/c1/landmarks/1/take", body: { based_on: 2 } });
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

  it("undoes and redoes changes of corners by keyboard", async () => {
    const { root } = await openCase({ "GET /api/cases/c1": caseDetail() });
    buttonNamed(root, "Correct corners").click();
    buttonNamed(root, "L1 superior posterior").dispatchEvent(new KeyboardEvent("keydown", { key: "Delete" }));
    expect(root.querySelector(".missing")?.textContent).toContain("L1 superior posterior");
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "z", ctrlKey: true }));
    expect(root.querySelector(".missing")?.textContent).not.toContain("L1 superior posterior");
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "y", ctrlKey: true }));
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

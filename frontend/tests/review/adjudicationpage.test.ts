// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AdjudicationPage } from "../../src/review/adjudicationpage";
import type { AdjudicationData } from "../../src/review/contract";
import { buttonNamed, serve, settle, stubDrawing } from "../server";
import type { SentRequest } from "../server";

const CELLS = ["L1", "L2", "L3", "L4"].flatMap((level) => [`${level}_posterior`, `${level}_anterior`]);
const DATA: AdjudicationData = {
  id: "a1",
  cells: {},
  submitted_at: null,
  image: { width: 2, height: 3, bits: 8, windows: [], invert: false, spacing_mm: null, pixel_aspect: 1, anterior: "right" },
  image_version: 1,
  guides: [],
  originals: [],
  validity_codes: [{ code: 3, label: "Noise" }],
  api: "/api/a1/",
  list: "/list",
};
const PIXELS = new Uint8Array(6).buffer;

function open(data: AdjudicationData, routes: Record<string, unknown>): { panel: HTMLElement; sent: SentRequest[] } {
  const sent = serve({ "GET /api/a1/pixels?v=1": PIXELS, "PUT /api/a1/scores": {}, ...routes });
  const [image, panel] = [document.createElement("div"), document.createElement("div")];
  document.body.replaceChildren(image, panel);
  void new AdjudicationPage(image, panel, data).start();
  return { panel, sent };
}

const changes = (sent: readonly SentRequest[], method: string): SentRequest[] => sent.filter((one) => one.method === method);

/** Press the button with a text. */
function click(panel: HTMLElement, name: string): void {
  buttonNamed(panel, name).click();
}

describe("adjudication page", () => {
  beforeEach(stubDrawing);
  afterEach(() => { vi.unstubAllGlobals(); vi.restoreAllMocks(); });

  it("takes no scores before the image is shown", async () => {
    let arrive: (pixels: ArrayBuffer) => void = () => undefined;
    const { panel, sent } = open(DATA, { "GET /api/a1/pixels?v=1": () => new Promise((resolve) => { arrive = resolve; }) });
    await settle();
    expect(buttonNamed(panel, "2").disabled).toBe(true);
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "2" }));
    await settle();
    expect(changes(sent, "PUT")).toHaveLength(0);
    arrive(PIXELS);
    await settle();
    click(panel, "2");
    await settle();
    expect(changes(sent, "PUT").at(-1)?.body).toEqual({ cells: [{ cell: "L1_posterior", score: 2, validity: 0 }] });
  });

  it("is submitted once, and takes no scores meanwhile", async () => {
    let answer: (response: unknown) => void = () => undefined;
    const cells = Object.fromEntries(CELLS.map((cell) => [cell, { score: 1, validity: 0 }]));
    const { panel, sent } = open({ ...DATA, cells }, { "POST /api/a1/submit": () => new Promise((resolve) => { answer = resolve; }) });
    const assign = vi.spyOn(window.location, "assign").mockImplementation(() => undefined);
    await settle();
    panel.querySelector<HTMLButtonElement>(".pad-cell")?.click();
    expect(buttonNamed(panel, "3").disabled).toBe(false);
    for (let press = 0; press < 2; press += 1) click(panel, "Submit case");
    await settle();
    expect(buttonNamed(panel, "3").disabled).toBe(true);
    answer({});
    await settle();
    expect(changes(sent, "POST")).toHaveLength(1);
    expect(changes(sent, "PUT")).toHaveLength(0);
    expect(assign).toHaveBeenCalledWith("/list");
  });
});

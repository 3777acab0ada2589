// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { agreementText } from "../../../src/reading/practice/feedback";
import { PracticeApi } from "../../../src/reading/practice/practiceapi";
import { ReadingRoom } from "../../../src/reading/room";
import { NO_EXTRAS } from "../../../src/reading/roomextras";
import { Failure, buttonNamed, serve, settle, stubDrawing } from "../../server";
import type { SentRequest } from "../../server";
import { reading } from "../fixtures";

const INFO = { reader: "7", slug: "practice-p1", home: "/practice", signIn: "/in", signOut: "/out", study: "Practice", mark: "" };
const CELLS = ["L1", "L2", "L3", "L4"].flatMap((level) => [`${level}_posterior`, `${level}_anterior`]);
const first = { ...reading(), arm: "unguided" as const, guides_allowed: false };
const progress = { read: 0, total: 1, period: null, periods: 1, minutes_left: null };
const finished = { code: "round_finished", message: "Kappa 0.80. Passed.", opens_at: null, parts: [] };
const FEEDBACK = {
  source: "phantom generator",
  cells: CELLS.map((cell, i) => ({ cell, score: 1, validity: 0, measured: null, reference: i === 0 ? 3 : 1 })),
  aac8: null,
  plaques: [{ level: "L1", wall: "posterior", points: [[1, 1], [1, 2]] }],
  last: true,
};

function press(key: string, more: KeyboardEventInit = {}): void {
  window.dispatchEvent(new KeyboardEvent("keydown", { key, ...more }));
}

async function openRoom(submit: unknown = FEEDBACK, start: typeof first | null = first): Promise<{ main: HTMLElement; sent: SentRequest[] }> {
  let current: typeof first | null = start;
  let submitted: unknown = start === null ? { reading: first, feedback: submit } : null;
  const table: Record<string, unknown> = {
    "GET /api/practice/rounds/p1": () => ({
      study: { name: "Trial", slug: "s" }, progress, current, next: null, waiting: current === null ? finished : null, submitted,
    }),
    "GET /api/me/preferences": {},
    "GET /api/practice/readings/r1/pixels": new Uint8Array(6).buffer,
    "POST /api/practice/readings/r1/open": {},
    "POST /api/practice/readings/r1/submit": () => {
      if (!(submit instanceof Failure)) {
        current = null;
        submitted = { reading: first, feedback: submit };
      }
      return submit;
    },
    "POST /api/practice/readings/r1/feedback/seen": () => {
      submitted = null;
      return {};
    },
  };
  for (const cell of CELLS) {
    table[`PUT /api/practice/readings/r1/cells/${cell}`] = { cell: { score: 1, validity: 0, reason: "", version: 1 } };
  }
  const sent = serve(table);
  const main = document.createElement("main");
  document.body.replaceChildren(main);
  const extras = { ...NO_EXTRAS, practice: true };
  await new ReadingRoom(main, new PracticeApi("/api/", "s", "p1"), INFO, extras).start();
  await settle();
  return { main, sent };
}

async function scoreAll(): Promise<void> {
  CELLS.forEach(() => { press("1"); });
  await settle();
  press("Enter", { ctrlKey: true });
  await settle();
}

describe("practice in the reading room", () => {
  const add = window.addEventListener.bind(window);
  let remove: (() => void)[] = [];

  beforeEach(() => {
    localStorage.clear();
    stubDrawing();
    vi.spyOn(window, "addEventListener").mockImplementation((type: string, listener: unknown, options?: unknown) => {
      add(type, listener as EventListener, options as AddEventListenerOptions);
      remove.push(() => { window.removeEventListener(type, listener as EventListener, options as AddEventListenerOptions); });
    });
  });
  afterEach(() => {
    for (const run of remove) run();
    remove = [];
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it("shows score and reference of each cell after the submission, and keeps the image", async () => {
    const { main } = await openRoom();
    await scoreAll();
    const feedback = main.querySelector(".feedback");
    expect(feedback?.textContent).toContain("7 of 8 cells agree with the reference grades.");
    expect(feedback?.querySelector("td.differs")?.textContent).toBe("1reference 3");
    expect(feedback?.querySelectorAll("td.agrees")).toHaveLength(7);
    expect(main.querySelectorAll(".plaque")).toHaveLength(1);
    expect(main.querySelector<HTMLElement>(".status-screen")?.hidden).toBe(true);
  });

  it("scores nothing while the feedback is shown, and continues with the result", async () => {
    const { main, sent } = await openRoom();
    await scoreAll();
    const before = sent.filter(({ method }) => method === "PUT").length;
    press("3");
    press("c");
    await settle();
    expect(sent.filter(({ method }) => method === "PUT")).toHaveLength(before);
    expect(main.querySelector<HTMLElement>('[aria-label="Comment"]')?.hidden).toBe(true);
    buttonNamed(main, "Hide plaques").click();
    expect(main.querySelectorAll(".plaque")).toHaveLength(0);
    press("Enter", { ctrlKey: true });
    await settle();
    expect(main.querySelector(".feedback")).toBeNull();
    expect(main.querySelector(".status-screen")?.textContent).toContain("Kappa 0.80. Passed.");
  });

  it("accepts scores again after a rejected submission", async () => {
    const { main, sent } = await openRoom(new Failure(409, "incomplete"));
    await scoreAll();
    expect(main.querySelector(".feedback")).toBeNull();
    press("ArrowUp");
    press("2");
    await settle();
    const scores = sent.filter(({ method }) => method === "PUT").map(({ body }) => (body as { score: number }).score);
    expect(scores.at(-1)).toBe(2);
  });

  it("shows the feedback again after a reload, until the reader continues", async () => {
    const { main, sent } = await openRoom(FEEDBACK, null);
    expect(main.querySelector(".feedback")?.textContent).toContain("7 of 8 cells agree");
    expect(main.querySelectorAll(".plaque")).toHaveLength(1);
    press("Enter", { ctrlKey: true });
    await settle();
    expect(sent.some(({ path }) => path === "/api/practice/readings/r1/feedback/seen")).toBe(true);
    expect(main.querySelector(".feedback")).toBeNull();
    expect(main.querySelector(".status-screen")?.textContent).toContain("Kappa 0.80. Passed.");
  });

  it("sends no times", async () => {
    const { sent } = await openRoom();
    await scoreAll();
    expect(sent.some(({ path }) => path.endsWith("/time"))).toBe(false);
  });
});

describe("agreement text", () => {
  it("tells when all cells agree", () => {
    const cells = FEEDBACK.cells.map((cell) => ({ ...cell, cell: "L1_anterior", score: 1 as const, reference: 1 }));
    expect(agreementText(cells)).toBe("All 8 cells agree with the reference grades.");
  });
});

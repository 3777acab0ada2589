// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Reading, StoredMeasurement } from "../../../src/reading/contract";
import { ReadingRoom } from "../../../src/reading/room";
import { ReadingApi } from "../../../src/reading/saving/readingapi";
import { Failure, serve, settle, stubDrawing } from "../../server";
import type { SentRequest } from "../../server";
import { reading } from "../fixtures";

const INFO = { reader: "7", slug: "s", home: "/", signIn: "/in", signOut: "/out", study: "Guides trial", mark: "" };
const LINES = [0, 1, 2, 3, 4].map((k) => [[0, 10 + 20 * k], [60, 10 + 20 * k]]) as unknown as StoredMeasurement["boundaries"];
const TRACE = { wall: "anterior", points: [[50, 25], [50, 45]] } as const;
const IMAGE = { ...reading().image, width: 80, height: 128, spacing_mm: [2.5, 2.5] as const };

function measured(stored: Omit<StoredMeasurement, "results">): Reading {
  return { ...reading(), arm: "measured", guides_allowed: false, image: IMAGE, measurement: { ...stored, results: null } };
}

async function openRoom(first: Reading, more: Record<string, unknown> = {}): Promise<{ main: HTMLElement; sent: SentRequest[] }> {
  const table: Record<string, unknown> = {
    "GET /api/studies/s/reading": {
      study: { name: "Guides trial", slug: "s", demonstration: false },
      progress: { read: 0, total: 1, period: 1, periods: 1, minutes_left: null },
      current: first,
      next: null,
      waiting: null, submitted: null,
    },
    "GET /api/me/preferences": {},
    "GET /api/readings/r1/pixels": new Uint8Array(80 * 128).buffer,
    "POST /api/readings/r1/open": {},
    "POST /api/readings/r1/time": {},
    "POST /api/readings/r1/submit": {},
    "PUT /api/readings/r1/traces": { measurement: { traces: [], boundaries: [], version: 1 } },
    ...more,
  };
  for (const level of ["L1", "L2", "L3", "L4"]) {
    for (const wall of ["posterior", "anterior"]) {
      table[`PUT /api/readings/r1/cells/${level}_${wall}`] = { cell: { score: 1, validity: 0, reason: "", version: 1 } };
    }
  }
  const sent = serve(table);
  const main = document.createElement("main");
  document.body.replaceChildren(main);
  await new ReadingRoom(main, new ReadingApi("/api/", "s"), INFO).start();
  await settle();
  return { main, sent };
}

function press(key: string, more: KeyboardEventInit = {}): void {
  window.dispatchEvent(new KeyboardEvent("keydown", { key, ...more }));
}

const cellText = (main: HTMLElement): (string | null)[] => [...main.querySelectorAll(".pad-cell")].map((cell) => cell.textContent);
const bodies = (sent: SentRequest[], path: string): unknown[] => sent.filter((one) => one.method === "PUT" && one.path.includes(path)).map((one) => one.body);

describe("measured reading", () => {
  const add = window.addEventListener.bind(window);
  let remove: (() => void)[] = [];

  beforeEach(() => {
    stubDrawing();
    window.localStorage.clear();
    vi.spyOn(window, "addEventListener").mockImplementation((type: string, listener: EventListenerOrEventListenerObject, options?: unknown) => {
      add(type, listener, options as AddEventListenerOptions);
      remove.push(() => { window.removeEventListener(type, listener, options as EventListenerOptions); });
    });
  });

  afterEach(() => {
    for (const undo of remove) undo();
    remove = [];
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it("proposes grades with lengths, and accepts them with Enter", async () => {
    const { main, sent } = await openRoom(measured({ traces: [TRACE], boundaries: LINES, version: 1 }));
    // 5 of 20 rows of L1 and 15 of L2, 2.5 mm each.
    expect(cellText(main).slice(0, 4)).toEqual(["00 mm", "112.5 mm, 25\u00a0%", "00 mm", "337.5 mm, 75\u00a0%"]);
    for (let count = 0; count < 8; count += 1) press("Enter");
    await settle();
    expect(main.querySelectorAll(".pad-cell.filled")).toHaveLength(8);
    expect(bodies(sent, "cells/L2_anterior")).toMatchObject([{ score: 3, version: 0 }]);
    press("Enter", { ctrlKey: true });
    await settle();
    expect(sent.some(({ path }) => path.endsWith("/submit"))).toBe(true);
    expect(bodies(sent, "traces")).toEqual([]);
  });

  it("keeps an override, and shows the measured grade beside it", async () => {
    const { main } = await openRoom(measured({ traces: [TRACE], boundaries: LINES, version: 1 }));
    press("2");
    await settle();
    expect(cellText(main)[0]).toBe("2measured 0");
  });

  it("stores an empty drawing when the grades of a reading without plaques are accepted", async () => {
    const { main, sent } = await openRoom(measured({ traces: [], boundaries: [], version: 0 }));
    press("a");
    await settle();
    expect(main.querySelectorAll(".pad-cell.filled")).toHaveLength(8);
    expect(bodies(sent, "traces")).toMatchObject([{ traces: [], boundaries: [], version: 0 }]);
  });

  it("has no grade to accept before the level lines are set", async () => {
    const { main } = await openRoom(measured({ traces: [TRACE], boundaries: [], version: 1 }));
    press("ArrowRight");
    press("Enter");
    expect(main.querySelector(".notice")?.textContent).toContain("Set its level lines");
    press("a");
    expect(main.querySelectorAll(".pad-cell.filled")).toHaveLength(4);
  });

  it("saves traces drawn with the keyboard, and asks again for an accepted grade that changes", async () => {
    const { main, sent } = await openRoom(measured({ traces: [], boundaries: LINES, version: 1 }));
    press("a");
    await settle();
    const focus = main.querySelector<HTMLElement>(".trace-focus");
    focus?.focus();
    for (const key of [" ", "ArrowDown", "ArrowDown", " "]) {
      focus?.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey: key !== " ", bubbles: true }));
    }
    await settle();
    expect(bodies(sent, "traces")).toMatchObject([{ version: 1, boundaries: LINES }]);
    const [{ traces }] = bodies(sent, "traces") as [{ traces: { wall: string }[] }];
    expect(traces).toMatchObject([{ wall: "posterior" }]);
    expect(main.querySelector(".notice")?.textContent).toMatch(/L\d posterior: the measured grade has changed/);
    expect(main.querySelectorAll(".pad-cell.filled").length).toBeLessThan(8);
    press("z", { ctrlKey: true });
    await settle();
    expect(bodies(sent, "traces")).toHaveLength(2);
    expect(bodies(sent, "traces")[1]).toMatchObject({ traces: [] });
  });

  it("shows the traces of another window after a conflict, and keeps its own to be saved again", async () => {
    const stored = { traces: [TRACE], boundaries: LINES, results: null, version: 4 };
    const conflict = new Failure(409, "stale", "Changed.", { measurement: stored });
    const { main } = await openRoom(measured({ traces: [], boundaries: LINES, version: 1 }), { "PUT /api/readings/r1/traces": conflict });
    const focus = main.querySelector<HTMLElement>(".trace-focus");
    focus?.focus();
    for (const key of [" ", "ArrowDown", " "]) focus?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await settle();
    expect(main.querySelector(".notice")?.textContent).toContain("traces were changed in another window");
    expect(cellText(main)[3]).toBe("337.5 mm, 75\u00a0%");
    expect(main.querySelector(".unsent")?.textContent).toContain("1 unsent entry");
  });

  it("asks for a score where a guide is missing, because the reader cannot set level lines", async () => {
    const guides = LINES.slice(1).map((line, index) => ({
      name: ["L1/L2", "L2/L3", "L3/L4", "L4/L5"][index], kind: "guide", posterior: line?.[0], anterior: line?.[1], end: line?.[1],
    }));
    const first: Reading = { ...measured({ traces: [TRACE], boundaries: [], version: 1 }), arm: "guided measured", guides_allowed: true };
    const { main } = await openRoom(first, { "GET /api/readings/r1/guides": { guides, landmarks: {}, level_uncertainty: null, note: null } });
    expect(cellText(main).slice(1, 4)).toEqual(["\u00b7no guide", "00 mm", "337.5 mm, 75\u00a0%"]);
    expect(main.querySelectorAll(".pad-cell")[3]?.getAttribute("aria-label")).toBe("L2 anterior: no score, measured 3");
    press("ArrowRight");
    press("Enter");
    expect(main.querySelector(".notice")?.textContent).toContain("a guide of its level is missing");
    press("b");
    expect(main.querySelector(".notice")?.textContent).toContain("the guides mark the level boundaries");
  });

  it("leaves the pointer to the ruler while that is shown", async () => {
    HTMLElement.prototype.setPointerCapture = () => undefined;
    const { main, sent } = await openRoom(measured({ traces: [], boundaries: LINES, version: 1 }));
    const host = main.querySelector<HTMLElement>(".room-viewer");
    // From above the image to below it: the viewer of the tests has no size.
    const drag = (): void => {
      for (const [type, y] of [["pointerdown", -60], ["pointermove", 60], ["pointerup", 60]] as const) {
        const at = { pointerId: 1, button: 0, isPrimary: true, clientX: 40, clientY: y };
        host?.dispatchEvent(new PointerEvent(type, { ...at, bubbles: true }));
      }
    };
    press("m");
    drag();
    await settle();
    expect(host?.querySelector(".ruler-line")).not.toBeNull();
    expect(bodies(sent, "traces")).toEqual([]);
    press("m");
    drag();
    await settle();
    expect(bodies(sent, "traces")).toHaveLength(1);
  });

  it("scores with the number pad without NumLock while crosshair or ruler have the arrow keys", async () => {
    const { main, sent } = await openRoom(measured({ traces: [TRACE], boundaries: LINES, version: 1 }));
    const focus = main.querySelector<HTMLElement>(".trace-focus");
    focus?.focus();
    focus?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", code: "Numpad2", bubbles: true }));
    press("m");
    press("ArrowDown", { code: "Numpad2" });
    // The decimal key would remove the selected trace or clear the score.
    focus?.dispatchEvent(new KeyboardEvent("keydown", { key: "Delete", code: "NumpadDecimal", bubbles: true }));
    await settle();
    expect(bodies(sent, "cells/L1_posterior")).toMatchObject([{ score: 2 }]);
    expect(bodies(sent, "cells/L1_anterior")).toMatchObject([{ score: 2 }]);
    expect(bodies(sent, "cells/")).toHaveLength(2);
    expect(main.querySelector(".ruler-line")).toBeNull();
  });

  it("draws nothing in other arms", async () => {
    const { main } = await openRoom({ ...reading(), arm: "unguided", guides_allowed: false, image: IMAGE });
    expect(main.querySelector<HTMLElement>(".measuring")?.hidden).toBe(true);
    press("Enter");
    press("a");
    expect(main.querySelectorAll(".pad-cell.filled")).toHaveLength(0);
  });
});

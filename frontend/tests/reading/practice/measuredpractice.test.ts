// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import type { Reading, StoredMeasurement } from "../../../src/reading/contract";
import { PracticeApi } from "../../../src/reading/practice/practiceapi";
import { ReadingRoom } from "../../../src/reading/room";
import { NO_EXTRAS } from "../../../src/reading/roomextras";
import { Failure, buttonNamed, serve, settle } from "../../server";
import type { SentRequest } from "../../server";
import { reading } from "../fixtures";
import { press, withRooms } from "../openroom";

const INFO = { reader: "7", slug: "practice-p1", home: "/practice", signIn: "/in", signOut: "/out", study: "Practice", mark: "" };
const CELLS = ["L1", "L2", "L3", "L4"].flatMap((level) => [`${level}_posterior`, `${level}_anterior`]);
const LINES = [0, 1, 2, 3, 4].map((k) => [[0, 10 + 20 * k], [60, 10 + 20 * k]]) as unknown as StoredMeasurement["boundaries"];
const TRACE = { wall: "anterior", points: [[50, 25], [50, 45]] } as const;
const FIRST: Reading = {
  ...reading(),
  arm: "measured",
  guides_allowed: false,
  image: { ...reading().image, width: 80, height: 128, spacing_mm: [2.5, 2.5] },
  measurement: { traces: [TRACE], boundaries: LINES, version: 1, results: null },
};
const FEEDBACK = { source: "phantom generator", cells: CELLS.map((cell) => ({ cell, score: 0, validity: 0, measured: 0, reference: 0 })), aac8: [{ wall: "posterior", score: 1, validity: 0, measured: 1, reference: 2 }, { wall: "anterior", score: 0, validity: 0, measured: 0, reference: null }], plaques: [], last: true };
const PATH = "/api/practice/readings/r1";

async function openRoom(submission: unknown = FEEDBACK): Promise<{ main: HTMLElement; sent: SentRequest[] }> {
  let submitted: unknown = null;
  const table: Record<string, unknown> = {
    "GET /api/practice/rounds/p1": () => ({
      study: { name: "Trial", slug: "s" }, progress: { read: 0, total: 1, period: null, periods: 1, minutes_left: null },
      current: submitted === null ? FIRST : null, next: null, waiting: null, submitted,
    }),
    "GET /api/me/preferences": {},
    [`GET ${PATH}/pixels`]: new Uint8Array(80 * 128).buffer,
    [`POST ${PATH}/open`]: {},
    [`PUT ${PATH}/traces`]: { measurement: { traces: [], boundaries: [], version: 2 } },
    [`POST ${PATH}/submit`]: () => {
      if (!(submission instanceof Failure)) submitted = { reading: FIRST, feedback: submission };
      return submission;
    },
  };
  for (const cell of CELLS) table[`PUT ${PATH}/cells/${cell}`] = { cell: { score: 0, validity: 0, reason: "", version: 1 } };
  const sent = serve(table);
  const main = document.createElement("main");
  document.body.replaceChildren(main);
  await new ReadingRoom(main, new PracticeApi("/api/", "s", "p1"), INFO, { ...NO_EXTRAS, practice: true }).start();
  await settle();
  return { main, sent };
}

async function submitAll(): Promise<void> {
  press("a");
  await settle();
  press("Enter", { ctrlKey: true });
  await settle();
}

function pointer(main: HTMLElement, type: string, y: number): void {
  const at = { pointerId: 1, button: 0, isPrimary: true, clientX: 40, clientY: y, bubbles: true };
  main.querySelector(".room-viewer")?.dispatchEvent(new PointerEvent(type, at));
}

function drag(main: HTMLElement): void {
  for (const [type, y] of [["pointerdown", -60], ["pointermove", 60], ["pointerup", 60]] as const) pointer(main, type, y);
}

/** Draw a line by keyboard on the image. */
function drawByKeyboard(main: HTMLElement): void {
  const focus = main.querySelector(".trace-focus");
  for (const key of [" ", "ArrowDown", " "]) focus?.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey: key !== " ", bubbles: true }));
}

const puts = (sent: SentRequest[]): string[] => sent.filter(({ method }) => method === "PUT").map(({ path }) => path);
const tracesSent = (sent: SentRequest[]): number => puts(sent).filter((path) => path.endsWith("/traces")).length;

describe("measured practice", () => {
  withRooms();
  beforeEach(() => { HTMLElement.prototype.setPointerCapture = () => undefined; });

  it("stores nothing that is drawn after the submission, by pointer, keyboard or wall button", async () => {
    const { main, sent } = await openRoom();
    await submitAll();
    expect(main.querySelector(".feedback")).not.toBeNull();
    const before = puts(sent);
    drag(main);
    drawByKeyboard(main);
    for (const wall of ["Anterior", "Posterior"]) buttonNamed(main, wall).click();
    press("z", { ctrlKey: true });
    await settle();
    expect(puts(sent)).toEqual(before);
    expect(main.querySelector<HTMLElement>(".trace-focus")?.hidden).toBe(true);
    expect(main.querySelector(".unsent")?.textContent).not.toContain("unsent entry");
  });

  it("shows the reference AAC-8 of each wall below the cells", async () => {
    const { main } = await openRoom();
    await submitAll();
    const cells = [...main.querySelectorAll(".feedback .aac8 td")].map((cell) => [...cell.children].map((line) => line.textContent));
    expect(cells).toEqual([["1", "reference 2", "measured 1"], ["0", "no reference", "measured 0"]]);
  });

  it("forgets a line that is being dragged when the case is submitted", async () => {
    const { main, sent } = await openRoom();
    press("a");
    await settle();
    pointer(main, "pointerdown", -60);
    pointer(main, "pointermove", 60);
    press("Enter", { ctrlKey: true });
    pointer(main, "pointerup", 60);
    await settle();
    expect(tracesSent(sent)).toBe(0);
    expect(main.querySelector(".feedback")).not.toBeNull();
  });

  it("draws again after a rejected submission", async () => {
    const { main, sent } = await openRoom(new Failure(409, "incomplete"));
    await submitAll();
    expect(main.querySelector<HTMLElement>(".trace-focus")?.hidden).toBe(false);
    drag(main);
    await settle();
    expect(tracesSent(sent)).toBe(1);
  });

  it("scores nothing between the feedback and the next case", async () => {
    const { main, sent } = await openRoom();
    await submitAll();
    const before = puts(sent);
    press("Enter", { ctrlKey: true });
    for (let round = 0; round < 5; round += 1) await Promise.resolve();
    press("1");
    drag(main);
    await settle();
    expect(puts(sent)).toEqual(before);
  });

  it("does not take a reason for a cell of a submitted case", async () => {
    const { main, sent } = await openRoom();
    press("a");
    await settle();
    press("ArrowUp");
    press("x");
    buttonNamed(main, "Submit and open next").click();
    await settle();
    const before = puts(sent);
    expect(main.querySelector<HTMLElement>("[aria-label='Not readable'][role='dialog']")?.hidden).toBe(true);
    press("3");
    await settle();
    expect(puts(sent)).toEqual(before);
  });

  it("draws nothing during a pause, and continues after it", async () => {
    const { main, sent } = await openRoom();
    // The new trace is selected, so that a wall button would move it.
    drag(main);
    press("p");
    drag(main);
    drawByKeyboard(main);
    for (const wall of ["Anterior", "Posterior"]) buttonNamed(main, wall).click();
    await settle();
    expect(tracesSent(sent)).toBe(1);
    press("p");
    drag(main);
    await settle();
    expect(tracesSent(sent)).toBe(2);
  });
});

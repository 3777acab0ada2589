// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import type { Reading } from "../../../src/reading/contract";
import { settle } from "../../server";
import { openRoom, overview, pathsOf, press, progress, routes, second as other, withRooms } from "../openroom";

const arms = ["unguided", "guided"] as const;
const first: Reading = { ...other, id: "r1", sequence: { step: 1, arms } };
const second: Reading = { ...first, id: "r2", arm: "guided", guides_allowed: true, state: "waiting", sequence: { step: 2, arms } };
const SCORED = { score: 1 as const, validity: 0 as const, reason: "", version: 1 };
const guides = { guides: [], landmarks: {}, level_uncertainty: null, note: "test-model" };

function sequentialRoutes(): Record<string, unknown> {
  const cells = Object.fromEntries(Object.keys(second.cells).map((cell) => [cell, SCORED]));
  return {
    ...routes(),
    "GET /api/studies/s/reading": { ...overview, current: first, next: null },
    "POST /api/readings/r2/open": { ...second, state: "open", cells },
    "GET /api/readings/r2/guides": guides,
  };
}

async function submitFirst(table: Record<string, unknown>): Promise<Awaited<ReturnType<typeof openRoom>>> {
  const room = await openRoom(table);
  table["GET /api/studies/s/reading"] = { ...overview, progress: { ...progress, read: 1 }, current: second, next: null };
  for (const key of "11111111") press(key);
  press("Enter", { ctrlKey: true });
  return room;
}

const badges = (main: HTMLElement): [string | null, string | null][] =>
  [...main.querySelectorAll(".arms .badge")].map((badge) => [badge.textContent, badge.getAttribute("aria-current")]);

describe("second reading of a sequential study", () => {
  withRooms();

  it("names both arms and marks the current one", async () => {
    const { main } = await openRoom(sequentialRoutes());
    expect(badges(main)).toEqual([["Unguided", "step"], ["Guided", null]]);
    expect(main.querySelector(".submit")?.textContent).toBe("Submit first reading");
    // The row keeps its place, so that nothing moves when the guides appear.
    expect(main.querySelector<HTMLElement>(".guides-row")?.hidden).toBe(false);
    expect(main.querySelector(".guides-row")?.classList.contains("away")).toBe(true);
  });

  it("opens the second reading before it requests the guides, and starts with the first scores", async () => {
    const { main, sent } = await submitFirst(sequentialRoutes());
    await settle();
    const paths = sent.map(({ method, path }) => `${method} ${path}`);
    const opened = paths.indexOf("POST /api/readings/r2/open");
    expect(opened).toBeGreaterThan(paths.indexOf("POST /api/readings/r1/submit"));
    expect(paths.indexOf("GET /api/readings/r2/guides")).toBeGreaterThan(opened);
    expect(badges(main)).toEqual([["Unguided", null], ["Guided", "step"]]);
    expect(main.querySelector(".guides-row")?.classList.contains("away")).toBe(false);
    expect(main.querySelector(".pad-cell.current")?.getAttribute("aria-label")).toBe("L1 posterior: 1");
    expect(main.querySelector(".notice")?.textContent).toContain("Change your first scores where needed");
    expect(main.querySelector(".submit")?.getAttribute("aria-disabled")).toBe("false");
  });

  it("leaves the image on the screen between the two readings", async () => {
    const table = sequentialRoutes();
    const { main } = await submitFirst(table);
    const status = main.querySelector<HTMLElement>(".status-screen");
    expect(status?.hidden).toBe(true);
    expect(main.querySelector(".notice")?.textContent).toContain("Sending your scores");
    await settle();
    expect(status?.hidden).toBe(true);
  });

  it("takes no scores between the two readings", async () => {
    const { sent } = await submitFirst(sequentialRoutes());
    const scores = (): number => pathsOf(sent, "PUT").length;
    press("3");
    await settle();
    expect(scores()).toBe(8);
  });
});

// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { NO_EXTRAS } from "../../../src/reading/roomextras";
import { Failure, buttonNamed, settle } from "../../server";
import { openRoom, overview, pathsOf, press, progress, routes, second, withRooms } from "../openroom";

withRooms();

const LIST = "GET /api/studies/s/revisable-readings";
const FULL = Object.fromEntries(Object.keys(second.cells).map((cell) => [cell, { score: 1, validity: 0, reason: "", version: 1 }]));
const earlier = { ...second, id: "r0", name: "reading 1, period 1", in_revision: true, cells: FULL };
const readings = [
  { id: "r0", name: "reading 1, period 1", submitted_at: "2026-11-29T08:05:00Z", revisions: 1 },
  { id: "r9", name: "reading 2, period 1", submitted_at: "2026-11-29T08:00:00Z", revisions: 0 },
];
const allowed = { ...overview, study: { ...overview.study, revision_rule: "session" as const } };

/** A room whose reader may revise reading r0 while r1 is on the screen. */
function revisable(): Record<string, unknown> {
  const table = routes();
  table["GET /api/studies/s/reading"] = allowed;
  table[LIST] = { rule: "session", readings };
  table["POST /api/readings/r0/revise"] = () => {
    table["GET /api/studies/s/reading"] = { ...allowed, current: earlier, next: { id: "r1" } };
    return { id: "r0", name: earlier.name };
  };
  table["GET /api/readings/r0/pixels"] = new Uint8Array(6).buffer;
  table["GET /api/readings/r1"] = allowed.current;
  table["POST /api/readings/r0/open"] = {};
  table["POST /api/readings/r0/time"] = {};
  return table;
}

describe("revising readings", () => {
  it("lists names without scores, and opens the selected reading", async () => {
    const { main, sent } = await openRoom(revisable());
    expect(main.querySelector(".reading-name")?.textContent).toBe("Reading 1, period 1");
    press("r");
    await settle();
    const choices = [...document.querySelectorAll("dialog .choice")].map((choice) => choice.textContent);
    expect(choices[0]).toMatch(/^Reading 1, period 1: submitted .*, revised once$/);
    expect(choices[1]).toMatch(/^Reading 2, period 1: submitted [^,]*,[^,]*$/);
    document.querySelector<HTMLButtonElement>("dialog .choice")?.click();
    await settle();
    await settle();
    expect(pathsOf(sent, "POST")).toContain("/api/readings/r0/revise");
    expect(main.querySelector(".count")?.textContent).toBe("Revision");
    expect(main.querySelector(".reading-name")?.classList).toContain("in-revision");
    expect(buttonNamed(main, "Submit revision")).toBeDefined();
    // Loaded again, because scores of the reading that was left may have been saved meanwhile.
    expect(pathsOf(sent, "GET")).toContain("/api/readings/r1");
  });

  it("does not count the submission of a revision as another reading", async () => {
    const table = revisable();
    const { main } = await openRoom(table);
    press("r");
    await settle();
    document.querySelector<HTMLButtonElement>("dialog .choice")?.click();
    await settle();
    await settle();
    // The submission is not answered before the next reading is shown.
    press("Enter", { ctrlKey: true });
    await settle();
    expect(main.querySelector(".count")?.textContent).toBe("1 of 2");
  });

  it("leaves the reading on the screen when the reader cancels", async () => {
    const { main, sent } = await openRoom(revisable());
    buttonNamed(main, "Earlier readings").click();
    await settle();
    buttonNamed(document, "Cancel").click();
    await settle();
    expect(pathsOf(sent, "POST")).not.toContain("/api/readings/r0/revise");
    expect(main.querySelector(".count")?.textContent).toBe("1 of 2");
  });

  it("opens its dialog at once, so that no key scores the reading behind it while the list is loading", async () => {
    const table = revisable();
    let arrive: (list: unknown) => void = () => undefined;
    table[LIST] = () => new Promise((resolve) => { arrive = resolve; });
    const { main, sent } = await openRoom(table);
    press("r");
    const dialog = document.querySelector("dialog");
    expect(dialog?.textContent).toContain("Loading your submitted readings");
    press("2");
    buttonNamed(document, "Cancel").click();
    arrive({ rule: "session", readings });
    await settle();
    expect(document.querySelector("dialog")).toBeNull();
    expect(pathsOf(sent, "PUT")).toEqual([]);
    expect(main.querySelectorAll(".pad-cell.filled")).toHaveLength(0);
  });

  it("needs a connection", async () => {
    const table = revisable();
    const { main } = await openRoom(table);
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    delete table[LIST];
    press("r");
    await settle();
    expect(main.querySelector(".notice")?.textContent).toContain("needs a connection");
  });

  it("shows why the server refuses, and the reading that was on the screen", async () => {
    const table = revisable();
    table["POST /api/readings/r0/revise"] = new Failure(409, "session_over", "The session is over.");
    const { main } = await openRoom(table);
    press("r");
    await settle();
    document.querySelector<HTMLButtonElement>("dialog .choice")?.click();
    await settle();
    await settle();
    expect(main.querySelector(".notice")?.textContent).toBe("The session is over.");
    expect(main.querySelector(".count")?.textContent).toBe("1 of 2");
  });

  it("asks for the display check that the session needs, and then opens the reading", async () => {
    const table = revisable();
    const open = table["POST /api/readings/r0/revise"] as () => unknown;
    table["POST /api/readings/r0/revise"] = new Failure(409, "display_check", "A display check is required.");
    const checkDisplay = vi.fn(() => {
      table["POST /api/readings/r0/revise"] = open;
      return Promise.resolve();
    });
    const { main } = await openRoom(table, { ...NO_EXTRAS, checkDisplay });
    press("r");
    await settle();
    document.querySelector<HTMLButtonElement>("dialog .choice")?.click();
    await settle();
    await settle();
    expect(checkDisplay).toHaveBeenCalledTimes(1);
    expect(main.querySelector(".count")?.textContent).toBe("Revision");
    expect(main.querySelector(".notice")?.textContent).toBe("");
  });

  it("is not offered where the study does not allow it", async () => {
    const { main, sent } = await openRoom();
    expect(buttonNamed(main, "Earlier readings").hidden).toBe(true);
    press("r");
    await settle();
    expect(main.querySelector(".notice")?.textContent).toContain("cannot be revised");
    expect(pathsOf(sent, "GET")).not.toContain("/api/studies/s/revisable-readings");
  });

  it("is offered after the last case, and says when nothing can be revised", async () => {
    const table = revisable();
    const waiting = { code: "done", message: "You have read all cases.", opens_at: null };
    table["GET /api/studies/s/reading"] = { ...allowed, current: null, next: null, waiting, progress };
    table[LIST] = { rule: "session", readings: [] };
    const { main } = await openRoom(table);
    buttonNamed(main, "Revise an earlier reading").click();
    await settle();
    expect(main.querySelector(".status-screen .note")?.textContent).toBe("No submitted reading can be revised now.");
  });

  it("shows why a coordinator reopened the reading", async () => {
    const table = routes();
    table["GET /api/studies/s/reading"] = { ...overview, current: { ...second, id: "r1", reopened: "Look at L1." } };
    const { main } = await openRoom(table);
    expect(main.querySelector(".reopening-reason")?.textContent).toBe("Reopened by a coordinator: Look at L1.");
  });
});

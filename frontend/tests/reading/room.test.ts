// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { NO_EXTRAS } from "../../src/reading/roomextras";
import { Failure, buttonNamed, settle } from "../server";
import { openRoom, overview, pathsOf, press, progress, routes, second, withRooms } from "./openroom";

describe("reading room", () => {
  withRooms();

  it("shows the current reading with its position in the list", async () => {
    const { main } = await openRoom();
    expect(main.querySelector(".count")?.textContent).toBe("1 of 2");
    expect(main.querySelector<HTMLElement>(".status-screen")?.hidden).toBe(true);
    expect(main.querySelector(".progress-row .badge")?.textContent).toBe("Unguided");
    expect(main.querySelectorAll(".pad-cell")).toHaveLength(8);
  });

  it("opens the reading with the size of the window, for the reading session", async () => {
    vi.stubGlobal("innerWidth", 1366);
    vi.stubGlobal("innerHeight", 650);
    const { sent } = await openRoom();
    const opening = sent.find(({ path }) => path === "/api/readings/r1/open")?.body;
    expect(opening).toMatchObject({ viewport_width: 1366, viewport_height: 650 });
    expect(opening).toHaveProperty("age_ms");
  });

  it("requests no guides in the unguided arm", async () => {
    const { sent } = await openRoom();
    expect(sent.some(({ path }) => path.endsWith("/guides"))).toBe(false);
  });

  it("saves each score with the pressed key and moves to the next cell", async () => {
    const { main, sent } = await openRoom();
    press("2");
    press("3");
    await settle();
    const scores = sent.filter(({ method }) => method === "PUT");
    expect(scores.map(({ path, body }) => [path.split("/").at(-1), (body as { score: number }).score])).toEqual([
      ["L1_posterior", 2],
      ["L1_anterior", 3],
    ]);
    expect(main.querySelector(".pad-cell.current")?.getAttribute("aria-label")).toBe("L2 posterior: no score");
    expect(main.querySelector(".save-status")?.textContent).toBe("Saved");
  });

  it("does not submit a reading with an empty cell", async () => {
    const { main, sent } = await openRoom();
    press("1");
    press("Enter", { ctrlKey: true });
    await settle();
    expect(main.querySelector(".notice")?.textContent).toContain("L1 anterior has no score");
    expect(pathsOf(sent, "POST")).not.toContain("/api/readings/r1/submit");
  });

  it("submits a complete reading after its scores and opens the next one", async () => {
    const table = routes();
    const { main, sent } = await openRoom(table);
    table["GET /api/studies/s/reading"] = { ...overview, progress: { ...progress, read: 1 }, current: second, next: null };
    for (const key of "00112233") press(key);
    press("Enter", { ctrlKey: true });
    await settle();
    await settle();
    const paths = sent.map(({ path }) => path);
    const submitted = paths.indexOf("/api/readings/r1/submit");
    expect(submitted).toBeGreaterThan(paths.lastIndexOf("/api/readings/r1/cells/L4_anterior"));
    expect(paths.slice(submitted)).toContain("/api/readings/r2/open");
    expect(main.querySelector(".count")?.textContent).toBe("2 of 2");
    expect(main.querySelectorAll(".pad-cell.filled")).toHaveLength(0);
  });

  it("counts a reading that opens before the server has told the progress after its predecessor", async () => {
    const table = routes();
    let proceed = (): void => undefined;
    let answer: (overview: unknown) => void = () => undefined;
    const notice = new Promise<void>((resolve) => { proceed = resolve; });
    const prepare = (reading: { id: string }): Promise<void> => (reading.id === "r2" ? notice : Promise.resolve());
    const { main } = await openRoom(table, { ...NO_EXTRAS, prepare });
    table["GET /api/studies/s/reading"] = () => new Promise((resolve) => { answer = resolve; });
    for (const key of "00112233") press(key);
    press("Enter", { ctrlKey: true });
    await settle();
    proceed();
    await settle();
    expect(main.querySelector(".count")?.textContent).toBe("2 of 2");
    answer({ ...overview, progress: { ...progress, read: 1 }, current: second, next: null });
    await settle();
    expect(main.querySelector(".count")?.textContent).toBe("2 of 2");
  });

  it("does not return to a submitted reading when an earlier response arrives last", async () => {
    const third = { ...second, id: "r3" };
    const table = routes();
    table["GET /api/readings/r3"] = third;
    table["GET /api/readings/r3/pixels"] = new Uint8Array(6).buffer;
    for (const name of ["open", "time"]) table[`POST /api/readings/r3/${name}`] = {};
    const { main } = await openRoom(table);
    const answers: ((overview: unknown) => void)[] = [];
    table["GET /api/studies/s/reading"] = () => new Promise((resolve) => { answers.push(resolve); });
    for (let reading = 0; reading < 2; reading += 1) {
      for (const key of "00112233") press(key);
      press("Enter", { ctrlKey: true });
      await settle();
      await settle();
    }
    expect(answers).toHaveLength(2);
    answers[1]?.({ ...overview, progress: { read: 2, total: 3 }, current: third, next: null });
    await settle();
    expect(main.querySelector(".count")?.textContent).toBe("3 of 3");
    answers[0]?.({ ...overview, progress: { read: 1, total: 3 }, current: second, next: { id: "r3" } });
    await settle();
    expect(main.querySelector(".count")?.textContent).toBe("3 of 3");
    expect(main.querySelector<HTMLElement>(".status-screen")?.hidden).toBe(true);
  });

  it("asks for the reason when a cell is not readable", async () => {
    const { main, sent } = await openRoom();
    press("x");
    expect(main.querySelector(".panel-dialog h2")?.textContent).toBe("Why is L1 posterior not readable?");
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Not readable");
    press("2");
    press("3");
    await settle();
    expect(sent.filter(({ method }) => method === "PUT")).toHaveLength(1);
    expect(buttonNamed(main, "L1 posterior: not readable").textContent).toContain("Noise");
    expect(document.activeElement?.closest(".panel-dialog")).toBeNull();
    expect(sent.find(({ method }) => method === "PUT")?.body).toMatchObject({ validity: 3, reason: "" });
  });

  it("accepts no scores during a pause", async () => {
    const { main, sent } = await openRoom();
    press("p");
    expect(main.classList.contains("paused")).toBe(true);
    expect(main.querySelector(".status-screen h1")?.textContent).toBe("Paused");
    expect(document.activeElement).toBe(buttonNamed(main, "Continue"));
    press("2");
    await settle();
    expect(pathsOf(sent, "PUT")).toEqual([]);
    buttonNamed(main, "Continue").click();
    expect(main.classList.contains("paused")).toBe(false);
  });

  it("shows the reason and the progress when no case can be read", async () => {
    const waiting = { code: "washout", message: "The washout period has not ended.", opens_at: null };
    const table = { ...routes(), "GET /api/studies/s/reading": { ...overview, current: null, next: null, waiting } };
    const { main } = await openRoom(table);
    expect(main.querySelector(".status-screen h1")?.textContent).toBe("Washout period");
    expect(main.querySelector(".status-screen p")?.textContent).toContain("0 of 2 read.");
    expect(main.classList.contains("resting")).toBe(true);
  });

  it("shows an error with a retry when the image cannot be loaded", async () => {
    const table = routes();
    delete table["GET /api/readings/r1/pixels"];
    const { main } = await openRoom(table);
    expect(main.querySelector(".status-screen h1")?.textContent).toBe("The image could not be loaded");
    table["GET /api/readings/r1/pixels"] = new Uint8Array(6).buffer;
    buttonNamed(main, "Try again").click();
    await settle();
    expect(main.querySelector<HTMLElement>(".status-screen")?.hidden).toBe(true);
  });

  it("keeps a rejected score and shows the stored one", async () => {
    const stored = { score: 1, validity: 0, reason: "", version: 4 };
    const table = { ...routes(), "PUT /api/readings/r1/cells/L1_posterior": new Failure(409, "stale", "changed", { cell: stored }) };
    const { main } = await openRoom(table);
    press("2");
    await settle();
    expect(main.querySelector(".notice")?.textContent).toContain("L1 posterior was changed in another window to 1");
    expect(main.querySelector(".save-status")?.textContent).toBe("Not stored on the server. Saved on this device only");
    expect(main.querySelector(".unsent")?.textContent).toContain("1 unsent entry");
  });

  it("keeps scores on this device while the person is signed out", async () => {
    const table = { ...routes(), "PUT /api/readings/r1/cells/L1_posterior": new Failure(401, "signed_out") };
    const { main } = await openRoom(table);
    press("2");
    await settle();
    const status = main.querySelector(".save-status");
    expect(status?.textContent).toContain("Signed out. Saved on this device");
    expect(status?.querySelector("a")?.getAttribute("href")).toBe("/in");
    expect(Object.keys(localStorage).some((key) => key.startsWith("verteread/outbox/7/s/"))).toBe(true);
  });

  it("saves a comment when it is closed", async () => {
    const table = { ...routes(), "PUT /api/readings/r1/comment": { comment_version: 1 } };
    const { main, sent } = await openRoom(table);
    press("c");
    const text = main.querySelector("textarea");
    if (text === null) throw new Error("no comment field");
    text.value = "fracture of L3";
    buttonNamed(main, "Close comment").click();
    await settle();
    expect(sent.find(({ path }) => path.endsWith("/comment"))?.body).toMatchObject({ text: "fracture of L3", version: 0 });
    expect(buttonNamed(main, "Comment \u2713").title).toBe("fracture of L3");
  });
});

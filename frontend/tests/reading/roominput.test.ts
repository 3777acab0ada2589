// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { Failure, buttonNamed, settle } from "../server";
import { openRoom, pathsOf, press, routes, withRooms } from "./openroom";

describe("keys and buttons of the reading room", () => {
  withRooms();

  it("announces each score and marks the next cell, whose element stays", async () => {
    const { main } = await openRoom();
    const cells = [...main.querySelectorAll("[aria-label='Score pad'] button")];
    const current = (): Element[] => cells.filter((cell) => cell.getAttribute("aria-current") === "true");
    expect(current()).toEqual([cells[0]]);
    press("2");
    await settle();
    expect(current()).toEqual([cells[1]]);
    expect(cells[0]?.getAttribute("aria-label")).toBe("L1 posterior: 2");
    const announced = [...main.querySelectorAll("[role=status]")].map((region) => region.textContent);
    expect(announced).toContain("L1 posterior: 2. Next: L1 anterior.");
    expect([...main.querySelectorAll("[aria-label='Score pad'] button")]).toEqual(cells);
  });

  it("moves with the arrow keys, scores once per key press, and clears", async () => {
    const { main, sent } = await openRoom();
    press("ArrowDown");
    expect(main.querySelector("[aria-current]")?.getAttribute("aria-label")).toBe("L2 posterior: no score");
    press("1");
    for (let repeated = 0; repeated < 3; repeated += 1) press("1", { repeat: true });
    press("ArrowLeft");
    press("Backspace");
    await settle();
    const scores = sent.filter(({ method }) => method === "PUT").map(({ path, body }) => [path.split("/").at(-1), (body as { score: number | null }).score]);
    expect(scores).toEqual([["L2_posterior", 1], ["L2_posterior", null]]);
  });

  it("scores with the number pad without NumLock while the slider of the guides has the focus", async () => {
    const { main, sent } = await openRoom();
    const slider = main.querySelector<HTMLInputElement>("input[type=range]");
    slider?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", code: "ArrowDown", bubbles: true }));
    slider?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", code: "Numpad2", bubbles: true }));
    await settle();
    const scores = sent.filter(({ method }) => method === "PUT").map(({ path, body }) => [path.split("/").at(-1), (body as { score: number | null }).score]);
    expect(scores).toEqual([["L1_posterior", 2]]);
  });

  it("selects a cell on a click and scores it by button", async () => {
    const { main, sent } = await openRoom();
    buttonNamed(main, "L3 anterior: no score").click();
    buttonNamed(main, "Score 3").click();
    await settle();
    expect(sent.find(({ method }) => method === "PUT")?.path).toBe("/api/readings/r1/cells/L3_anterior");
    expect(buttonNamed(main, "L3 anterior: 3").textContent).toBe("3");
  });

  it("changes a key in the help dialog, which scores nothing while it is open", async () => {
    const { main, sent } = await openRoom({ ...routes(), "PUT /api/me/preferences": {} });
    press("?");
    const dialog = document.querySelector<HTMLDialogElement>("dialog[aria-label='Help and keys']");
    if (dialog === null) throw new Error("no dialog");
    press("1");
    const button = buttonNamed(dialog, "1");
    button.focus();
    button.click();
    document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
    expect(button.textContent).toBe("j");
    buttonNamed(dialog, "Close help").click();
    dialog.dispatchEvent(new Event("close"));
    await settle();
    expect(pathsOf(sent, "PUT").filter((path) => path.includes("/cells/"))).toEqual([]);
    press("j");
    await settle();
    expect(sent.find(({ path }) => path.endsWith("/cells/L1_posterior"))?.body).toMatchObject({ score: 1 });
    expect([...main.querySelectorAll(".keys kbd")].map((key) => key.textContent)).toContain("x");
  });
});

describe("unsent scores in the reading room", () => {
  withRooms();

  it("sends scores again when the connection is back", async () => {
    const table = routes();
    delete table["PUT /api/readings/r1/cells/L1_posterior"];
    const { main, sent } = await openRoom(table);
    press("2");
    await settle();
    const status = main.querySelector(".save-status");
    expect([status?.getAttribute("role"), status?.textContent]).toEqual(["status", "Offline. Saved on this device; will sync when you reconnect"]);
    table["PUT /api/readings/r1/cells/L1_posterior"] = { cell: { score: 2, validity: 0, reason: "", version: 1 } };
    window.dispatchEvent(new Event("online"));
    await settle();
    expect(status?.textContent).toBe("Saved");
    expect(sent.filter(({ path }) => path.endsWith("L1_posterior")).length).toBeGreaterThan(1);
  });

  it("lists scores that were not stored, to save them again or discard them", async () => {
    const stored = { score: 1, validity: 0, reason: "", version: 4 };
    const path = "PUT /api/readings/r1/cells/L1_posterior";
    const table: Record<string, unknown> = { ...routes(), [path]: new Failure(409, "stale", "changed", { cell: stored }) };
    const { main, sent } = await openRoom(table);
    press("2");
    await settle();
    table[path] = { cell: { score: 2, validity: 0, reason: "", version: 5 } };
    buttonNamed(main, "Review").click();
    const dialog = document.querySelector("dialog");
    if (dialog === null) throw new Error("no dialog");
    expect(dialog.getAttribute("aria-label")).toBe("1 unsent entry");
    expect(dialog.querySelector("li")?.textContent).toContain("This case, L1 posterior: 2");
    buttonNamed(dialog, "Save again").click();
    await settle();
    expect(sent.filter(({ method }) => method === "PUT").at(-1)?.body).toMatchObject({ score: 2, version: 4 });
    expect(buttonNamed(main, "L1 posterior: 2")).toBeDefined();
    expect(main.querySelector(".save-status")?.textContent).toBe("Saved");
    expect(main.querySelector<HTMLElement>(".unsent .actions")?.hidden).toBe(true);
  });
});

// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { NO_EXTRAS } from "../../src/reading/roomextras";
import { Failure, settle } from "../server";
import { openRoom, overview, pathsOf, press, routes, withRooms } from "./openroom";

const PENDING = {
  ...overview,
  current: null,
  next: null,
  waiting: { code: "instructions", message: "Read the instructions.", opens_at: null, parts: ["study"] },
};

describe("instructions in the reading room", () => {
  withRooms();

  it("shows the parts that the server names, and opens the reading when they are acknowledged", async () => {
    let pending = true;
    let confirm: () => void = () => undefined;
    const acknowledge = vi.fn(() => new Promise<void>((resolve) => { confirm = resolve; }));
    const table = { ...routes(), "GET /api/studies/s/reading": () => (pending ? PENDING : overview) };
    const { main, sent } = await openRoom(table, { ...NO_EXTRAS, acknowledge });
    expect(acknowledge).toHaveBeenCalledWith(["study"]);
    expect(pathsOf(sent, "POST")).toEqual([]);
    pending = false;
    confirm();
    await settle();
    expect(main.querySelector(".count")?.textContent).toBe("1 of 2");
    expect(pathsOf(sent, "POST")).toEqual(["/api/readings/r1/open"]);
  });

  it("keeps scores of a reading that was refused because of new instructions, and sends them afterwards", async () => {
    let pending = false;
    let confirm: () => void = () => undefined;
    const acknowledge = vi.fn(() => new Promise<void>((resolve) => { confirm = resolve; }));
    const table = {
      ...routes(),
      "GET /api/studies/s/reading": () => (pending ? PENDING : overview),
      "POST /api/readings/r1/open": () => (pending ? new Failure(409, "instructions") : {}),
    };
    pending = true;
    table["GET /api/studies/s/reading"] = () => (acknowledge.mock.calls.length === 0 && pending ? overview : pending ? PENDING : overview);
    const { main, sent } = await openRoom(table, { ...NO_EXTRAS, acknowledge });
    press("2");
    await settle();
    expect(main.querySelector(".save-status")?.textContent).toContain("New instructions");
    expect(pathsOf(sent, "PUT")).toEqual([]);
    acknowledge.mockClear();
    pending = false;
    window.dispatchEvent(new Event("online"));
    await settle();
    expect(pathsOf(sent, "PUT")).toEqual(["/api/readings/r1/cells/L1_posterior"]);
    confirm();
  });
});

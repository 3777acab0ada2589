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

/** Stands for the dialog of the instructions. */
function dialog(): { acknowledge: () => Promise<void>; confirm: () => void } {
  let confirm: () => void = () => undefined;
  const acknowledge = vi.fn(() => new Promise<void>((resolve) => { confirm = resolve; }));
  return { acknowledge, confirm: () => { confirm(); } };
}

describe("instructions in the reading room", () => {
  withRooms();

  it("shows the parts that the server names, and opens the reading when they are acknowledged", async () => {
    const { acknowledge, confirm } = dialog();
    const answers = [PENDING];
    const table = { ...routes(), "GET /api/studies/s/reading": () => answers.shift() ?? overview };
    const { main, sent } = await openRoom(table, { ...NO_EXTRAS, acknowledge });
    expect(acknowledge).toHaveBeenCalledWith(["study"], null);
    expect(pathsOf(sent, "POST")).toEqual([]);
    confirm();
    await settle();
    expect(main.querySelector(".count")?.textContent).toBe("1 of 2");
    expect(pathsOf(sent, "POST")).toEqual(["/api/readings/r1/open"]);
  });

  it("opens a reading again that was refused because of a new version", async () => {
    const { acknowledge, confirm } = dialog();
    let refused = true;
    const answers = [overview, PENDING];
    const table = {
      ...routes(),
      "GET /api/studies/s/reading": () => answers.shift() ?? overview,
      "POST /api/readings/r1/open": () => (refused ? new Failure(409, "instructions") : {}),
    };
    const { main, sent } = await openRoom(table, { ...NO_EXTRAS, acknowledge });
    expect(acknowledge).toHaveBeenCalledTimes(1);
    refused = false;
    confirm();
    await settle();
    await settle();
    expect(main.querySelector(".count")?.textContent).toBe("1 of 2");
    press("2");
    await settle();
    expect(pathsOf(sent, "PUT")).toEqual(["/api/readings/r1/cells/L1_posterior"]);
  });
});

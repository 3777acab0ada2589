// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { DEFAULT_KEYS } from "../../src/keys";
import { setMark, startPad } from "../../src/reading/padstate";
import { Panel } from "../../src/reading/panel";
import { ScorePad } from "../../src/reading/scorepad";
import { buttonNamed } from "../server";
import { reading } from "./fixtures";

function createPanel() {
  const runAction = vi.fn();
  const setStrength = vi.fn();
  const pad = new ScorePad(() => undefined);
  const callbacks = { useSavedWindow: () => undefined, setStrength, signIn: "/in", signOut: "/out", home: "/home" };
  const panel = new Panel({ study: "Guides trial", mark: "simulated" }, pad, runAction, callbacks);
  document.body.replaceChildren(panel.root);
  return { panel, runAction, setStrength };
}

describe("panel", () => {
  it("shows arm, position and grade definitions, and no guide tools in the unguided arm", () => {
    const { panel } = createPanel();
    panel.showReading({ ...reading(), arm: "unguided", guides_allowed: false, boundary: "upper" });
    panel.showCount("4 of 24");
    expect(panel.root.querySelector(".badge")?.className).toBe("badge unguided");
    expect(panel.root.querySelector(".count")?.textContent).toBe("4 of 24");
    expect(panel.root.querySelector<HTMLElement>(".guides-row")?.hidden).toBe(true);
    expect(panel.root.querySelector(".grades")?.textContent).toContain("3: 2/3 or more");
  });

  it("states that the software is for research use only", () => {
    expect(createPanel().panel.root.textContent).toContain("For research use only, not for diagnosis. simulated");
  });

  it("runs the same actions by button as by key", () => {
    const { panel, runAction } = createPanel();
    for (const name of ["Score 2", "Not readable", "Fit", "Invert", "Pause", "Help and keys"]) buttonNamed(panel.root, name).click();
    expect(runAction.mock.calls.flat()).toEqual(["score2", "unreadable", "reset", "invert", "pause", "help"]);
  });

  it("scores one cell with a double click, and every cell with separate clicks or keys", () => {
    const { panel, runAction } = createPanel();
    const score = buttonNamed(panel.root, "Score 1");
    for (const detail of [1, 2, 3]) score.dispatchEvent(new MouseEvent("click", { detail, bubbles: true }));
    expect(runAction.mock.calls.flat()).toEqual(["score1"]);
    for (const detail of [1, 0, 0]) score.dispatchEvent(new MouseEvent("click", { detail, bubbles: true }));
    expect(runAction).toHaveBeenCalledTimes(4);
  });

  it("marks the submit button as unavailable until every cell is filled", () => {
    const { panel } = createPanel();
    const pad = startPad(reading());
    panel.showPad(pad, "");
    const submit = panel.root.querySelector(".submit");
    expect(submit?.getAttribute("aria-disabled")).toBe("true");
    const cells = Object.keys(pad.cells) as (keyof typeof pad.cells)[];
    panel.showPad(cells.reduce((state, id) => setMark(state, id, { score: 0 }), pad), "seen");
    expect(submit?.getAttribute("aria-disabled")).toBe("false");
    expect(buttonNamed(panel.root, "Comment \u2713").title).toBe("seen");
  });

  it("highlights the score of the selected cell", () => {
    const { panel } = createPanel();
    panel.showPad(setMark(startPad(reading()), "L1_posterior", { score: 2 }), "");
    const pressed = [...panel.root.querySelectorAll(".scores button")].map((one) => one.getAttribute("aria-pressed"));
    expect(pressed).toEqual(["false", "false", "true", "false", "false"]);
  });

  it("offers to sign in again when the session has ended", () => {
    const { panel } = createPanel();
    panel.showSaveStatus("signed-out", "Signed out.");
    const status = panel.root.querySelector(".save-status");
    expect(status?.className).toBe("save-status signed-out");
    expect(status?.querySelector("a")?.textContent).toBe("Sign in again");
    panel.showSaveStatus("saved", "");
    expect(status?.querySelector("a")).toBeNull();
    panel.showSaveStatus("server-error", "Request ID 3f2a91bc");
    expect(status?.textContent).toBe("Server error. Saved on this device; will be sent again. Request ID 3f2a91bc");
  });

  it("labels key hints with the keys of the reader", () => {
    const { panel } = createPanel();
    panel.showKeys({ ...DEFAULT_KEYS, invert: "v" }, [["invert", "invert"], [["0", "1"], "score"]]);
    expect([...panel.root.querySelectorAll(".keys li")].map((item) => item.textContent)).toEqual(["v invert", "01 score"]);
  });

  it("sets the guide opacity with the slider", () => {
    const { panel, setStrength } = createPanel();
    const slider = panel.root.querySelector<HTMLInputElement>("input[type=range]");
    if (slider === null) throw new Error("no slider");
    slider.value = "0.5";
    slider.dispatchEvent(new Event("input"));
    expect(setStrength).toHaveBeenCalledWith(0.5);
  });
});

describe("score pad", () => {
  it("orders its columns by the anterior side of the image", () => {
    const pad = new ScorePad(() => undefined);
    pad.render(startPad(reading("left")), []);
    expect([...pad.root.querySelectorAll(".pad-column")].map((column) => column.textContent)).toEqual(["Anterior", "Posterior"]);
  });

  it("shows scores, and the reason of a cell that is not readable", () => {
    const pad = new ScorePad(() => undefined);
    const state = setMark(setMark(startPad(reading()), "L1_posterior", { score: 3 }), "L1_anterior", { validity: 3, reason: "" });
    pad.render(state, reading().validity_codes);
    const labels = [...pad.root.querySelectorAll("button")].map((cell) => cell.getAttribute("aria-label"));
    expect(labels.slice(0, 3)).toEqual(["L1 posterior: 3", "L1 anterior: not readable", "L2 posterior: no score"]);
    expect(pad.root.querySelector(".reason")?.textContent).toBe("Noise");
  });

  it("selects a cell on a click", () => {
    const onSelect = vi.fn();
    const pad = new ScorePad(onSelect);
    pad.render(startPad(reading()), []);
    pad.root.querySelectorAll("button")[3]?.click();
    expect(onSelect).toHaveBeenCalledWith("L2_anterior");
  });
});

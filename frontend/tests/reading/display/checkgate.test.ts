// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DisplayCheckGate } from "../../../src/reading/display/checkgate";
import type { CheckResult, CheckStatus } from "../../../src/reading/display/contract";
import { drawLetters, greyLevels } from "../../../src/reading/display/letters";
import { buttonNamed, serve, settle } from "../../server";

const ADDRESS = "/api/studies/s/display-check";
const STATUS: CheckStatus = {
  option: "required", due: true, passed: false, waived: false,
  contrasts: [32, 16, 8, 4, 2], required_contrast: 16, alphabet: "CDHKNORSVZ", letters_per_contrast: 2,
};
const RESULT: CheckResult = {
  dark_contrast: 4, bright_contrast: 8, letters_correct: 14, letters_shown: 20, required_contrast: 16, passed: true,
};

function dialog(): HTMLDialogElement {
  const element = document.querySelector("dialog");
  if (element === null) throw new Error("no dialog");
  return element;
}

function type(text: string): void {
  for (const input of dialog().querySelectorAll<HTMLInputElement>(".check-fields input")) input.value = text;
}

function send(): void {
  dialog().querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
}

describe("letters", () => {
  it("are different letters of the alphabet in each row", () => {
    const rows = drawLetters("CDHKNORSVZ", [32, 16, 8, 4, 2], 2);
    expect(rows).toHaveLength(5);
    for (const row of rows) {
      expect(row).toMatch(/^[CDHKNORSVZ]{2}$/);
      expect(row[0]).not.toBe(row[1]);
    }
    expect(drawLetters("CDH", [8, 4], 2, () => 0)).toEqual(["CD", "CD"]);
  });

  it("are just above black and just below white", () => {
    expect(greyLevels("dark", 8)).toEqual({ background: 0, letters: 8 });
    expect(greyLevels("bright", 8)).toEqual({ background: 255, letters: 247 });
  });
});

describe("display check", () => {
  beforeEach(() => { document.body.replaceChildren(); });
  afterEach(() => { vi.unstubAllGlobals(); });

  async function prepare(status: CheckStatus, result: CheckResult = RESULT): Promise<{ sent: unknown[]; passed: () => boolean; gate: DisplayCheckGate }> {
    const sent: unknown[] = [];
    serve({ [`GET ${ADDRESS}`]: status, [`POST ${ADDRESS}`]: (body: unknown) => { sent.push(body); return result; } });
    const gate = new DisplayCheckGate(ADDRESS, "/");
    let passed = false;
    void gate.prepare().then(() => { passed = true; });
    await settle();
    return { sent, passed: () => passed, gate };
  }

  it("lets a reading pass at once when none is due", async () => {
    const { passed } = await prepare({ ...STATUS, due: false });
    expect(passed()).toBe(true);
    expect(document.querySelector("dialog")).toBeNull();
  });

  it("sends the letters with the window and continues once it is passed", async () => {
    const { sent, passed, gate } = await prepare(STATUS);
    type("kn");
    send();
    await settle();
    expect(sent[0]).toMatchObject({ dark: { typed: ["kn", "kn", "kn", "kn", "kn"] }, viewport_width: window.innerWidth });
    expect(dialog().textContent).toContain("Display check passed");
    expect(passed()).toBe(false);
    buttonNamed(dialog(), "Continue").click();
    await settle();
    expect(passed()).toBe(true);
    await gate.prepare();
    expect(document.querySelector("dialog")).toBeNull();
  });

  it("asks for an answer at each end, and takes 'I cannot see any letters' as one", async () => {
    const { sent } = await prepare(STATUS);
    send();
    await settle();
    expect(sent).toEqual([]);
    expect(dialog().querySelector("[role=alert]")?.textContent).toContain("Dark end");
    for (const box of dialog().querySelectorAll<HTMLInputElement>("[type=checkbox]")) box.click();
    send();
    await settle();
    expect(sent[0]).toMatchObject({ dark: { typed: ["", "", "", "", ""] }, bright: { typed: ["", "", "", "", ""] } });
  });

  it("asks again with other letters until a required check is passed", async () => {
    const { sent, passed } = await prepare(STATUS, { ...RESULT, dark_contrast: null, passed: false });
    type("ZZ");
    send();
    await settle();
    expect(dialog().textContent).toContain("the letters of the first row were not read");
    expect([...dialog().querySelectorAll("button")].map((b) => b.textContent)).toEqual(["Go to my studies", "Repeat the check"]);
    const escape = new Event("cancel", { cancelable: true });
    dialog().dispatchEvent(escape);
    expect(escape.defaultPrevented).toBe(true);
    buttonNamed(dialog(), "Repeat the check").click();
    type("CC");
    send();
    await settle();
    expect(sent).toHaveLength(2);
    expect(passed()).toBe(false);
  });

  it("is shown once when two readings ask for it before the first response", async () => {
    const { gate, passed } = await prepare({ ...STATUS, option: "recommended", due: false });
    expect(passed()).toBe(true);
    gate.repeat();
    serve({ [`GET ${ADDRESS}`]: { ...STATUS, option: "recommended" } });
    const both = Promise.all([gate.prepare(), gate.prepare()]);
    await settle();
    expect(document.querySelectorAll("dialog")).toHaveLength(1);
    buttonNamed(dialog(), "Continue without the check").click();
    await both;
    expect(document.querySelector("dialog")).toBeNull();
  });

  it("can be left out if it is recommended", async () => {
    const { sent, passed } = await prepare({ ...STATUS, option: "recommended" });
    buttonNamed(dialog(), "Continue without the check").click();
    await settle();
    expect(passed()).toBe(true);
    expect(sent).toEqual([]);
  });
});

// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { pendingParts } from "../../../src/reading/instructions/contract";
import type { Instructions } from "../../../src/reading/instructions/contract";
import { InstructionGate } from "../../../src/reading/instructions/gate";
import { Failure, buttonNamed, serve, settle } from "../../server";

const ADDRESS = "/api/studies/s/instructions";
const INSTRUCTIONS: Instructions = {
  version: 2,
  parts: [
    { part: "study", title: "Study instructions", html: "<h3>Score all cells</h3>" },
    { part: "guided", title: "Guided arm", html: "<p>The guides may be wrong.</p>" },
  ],
  guide: "<h2>Scoring guide for AAC-24</h2>",
  acknowledged: [],
};

function dialog(): HTMLDialogElement {
  const element = document.querySelector("dialog");
  if (element === null) throw new Error("no dialog");
  return element;
}

describe("parts to acknowledge", () => {
  it("are those that the server names, without the acknowledged ones", () => {
    const codes = (parts: string[], acknowledged: string[]): string[] =>
      pendingParts({ ...INSTRUCTIONS, acknowledged }, parts).map(({ part }) => part);
    expect(codes(["study", "guided"], [])).toEqual(["study", "guided"]);
    expect(codes(["study"], [])).toEqual(["study"]);
    expect(codes(["study", "guided"], ["study"])).toEqual(["guided"]);
    expect(codes(["study", "guided"], ["study", "guided"])).toEqual([]);
  });
});

describe("instruction gate", () => {
  beforeEach(() => { document.body.replaceChildren(); });
  afterEach(() => { vi.unstubAllGlobals(); });

  it("resolves at once without instructions", async () => {
    serve({ [`GET ${ADDRESS}`]: { ...INSTRUCTIONS, version: null, parts: [] } });
    await new InstructionGate(ADDRESS).acknowledge(["study", "guided"]);
    expect(document.querySelector("dialog")).toBeNull();
  });

  it("shows each pending part and records its acknowledgement with the version", async () => {
    const acknowledged: string[] = [];
    const sent = serve({
      [`GET ${ADDRESS}`]: INSTRUCTIONS,
      [`POST ${ADDRESS}/acknowledge`]: (body: { part: string }) => ({ acknowledged: acknowledged.concat(body.part === "guided" ? ["study", "guided"] : ["study"]) }),
    });
    const gate = new InstructionGate(ADDRESS);
    let passed = false;
    void gate.acknowledge(["study", "guided"]).then(() => { passed = true; });
    await settle();
    expect(dialog().querySelector("h3")?.textContent).toBe("Score all cells");
    buttonNamed(dialog(), "I have read this").click();
    await settle();
    expect(passed).toBe(false);
    expect(dialog().textContent).toContain("The guides may be wrong.");
    buttonNamed(dialog(), "I have read this").click();
    await settle();
    expect(passed).toBe(true);
    expect(sent.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([
      { version: 2, part: "study" },
      { version: 2, part: "guided" },
    ]);
  });

  it("shows the new version when the instructions were changed meanwhile", async () => {
    let version = 1;
    const sent = serve({
      [`GET ${ADDRESS}`]: () => ({ ...INSTRUCTIONS, version, parts: [{ part: "study", title: "Study instructions", html: `<p>Version ${String(version)}</p>` }] }),
      [`POST ${ADDRESS}/acknowledge`]: (body: { version: number }) => body.version === 2 ? { acknowledged: ["study"] } : new Failure(409, "stale"),
    });
    const passed = new InstructionGate(ADDRESS).acknowledge(["study", "guided"]);
    await settle();
    version = 2;
    buttonNamed(dialog(), "I have read this").click();
    await settle();
    expect(dialog().textContent).toContain("Version 2");
    buttonNamed(dialog(), "I have read this").click();
    await passed;
    expect(sent.filter(({ method }) => method === "POST")).toHaveLength(2);
  });

  it("opens the part of the arm and the guide, without asking for anything", async () => {
    serve({ [`GET ${ADDRESS}`]: INSTRUCTIONS });
    const gate = new InstructionGate(ADDRESS);
    void gate.open("guided");
    await settle();
    expect(dialog().querySelector('[aria-selected="true"]')?.textContent).toBe("Guided arm");
    buttonNamed(dialog(), "Scoring guide").click();
    expect(dialog().textContent).toContain("Scoring guide for AAC-24");
    buttonNamed(dialog(), "Close").click();
    await settle();
    expect(document.querySelector("dialog")).toBeNull();
  });

  it.each(["h", "\u0440"])("closes on the key of h, also under another script (%s)", async (key) => {
    serve({ [`GET ${ADDRESS}`]: INSTRUCTIONS });
    void new InstructionGate(ADDRESS).open("guided");
    await settle();
    dialog().dispatchEvent(new KeyboardEvent("keydown", { key, code: "KeyH" }));
    await settle();
    expect(document.querySelector("dialog")).toBeNull();
  });

  it("opens at once and can be closed before the instructions have arrived", async () => {
    let arrive: (instructions: Instructions) => void = () => undefined;
    serve({ [`GET ${ADDRESS}`]: () => new Promise((resolve) => { arrive = resolve; }) });
    const gate = new InstructionGate(ADDRESS);
    void gate.open("guided");
    expect(dialog().textContent).toContain("Loading the instructions");
    // A score typed meanwhile must not reach the reading behind the dialog.
    const key = vi.fn();
    window.addEventListener("keydown", key);
    dialog().dispatchEvent(new KeyboardEvent("keydown", { key: "2", bubbles: true }));
    expect(key).not.toHaveBeenCalled();
    window.removeEventListener("keydown", key);
    buttonNamed(dialog(), "Close").click();
    arrive(INSTRUCTIONS);
    await settle();
    expect(document.querySelector("dialog")).toBeNull();
    void gate.open("guided");
    await settle();
    expect(dialog().querySelector('[aria-selected="true"]')?.textContent).toBe("Guided arm");
  });

  it("says that the instructions could not be loaded, and tries again the next time", async () => {
    const table: Record<string, unknown> = {};
    serve(table);
    const gate = new InstructionGate(ADDRESS);
    const closed = gate.open("guided");
    await settle();
    expect(dialog().textContent).toContain("The instructions could not be loaded.");
    buttonNamed(dialog(), "Close").click();
    await closed;
    table[`GET ${ADDRESS}`] = INSTRUCTIONS;
    void gate.open("guided");
    await settle();
    expect(dialog().textContent).toContain("The guides may be wrong.");
  });
});

// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BeforeReading } from "../../../src/reading/between/beforereading";
import { BreakReminder } from "../../../src/reading/between/breakreminder";
import { InstructionGate } from "../../../src/reading/instructions/gate";
import type { Announcement } from "../../../src/schema";
import { Failure, buttonNamed, serve, settle } from "../../server";
import { reading } from "../fixtures";
import { overview } from "../openroom";

const WAITING = { ...reading(), state: "waiting" as const };
const ANNOUNCEMENT: Announcement = {
  period: 2,
  arm: "guided",
  guides: true,
  measured: false,
  periods: 2,
  begins: true,
  previous: { period: 1, arm: "unguided", guides: false, measured: false },
};
const INSTRUCTIONS = { version: 1, parts: [{ part: "guided", title: "Guided arm", html: "<p>The guides may be wrong.</p>" }], guide: "", acknowledged: ["guided"] };
const announced = { ...overview, current: WAITING, announcement: ANNOUNCEMENT };
const plain = { ...overview, current: WAITING };

function routes(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    "GET /i": INSTRUCTIONS,
    "POST /i/acknowledge": { acknowledged: ["guided"] },
    "POST /period": { period: 2, acknowledged_at: "2026-11-30T09:00:00Z" },
    "POST /break": { minutes: 47 },
    ...more,
  };
}

function start(leave = vi.fn()): { before: BeforeReading; reminder: BreakReminder; leave: () => void } {
  const reminder = new BreakReminder("/break", leave);
  return { before: new BeforeReading("/period", new InstructionGate("/i"), reminder, () => undefined), reminder, leave };
}

const dialogs = (): HTMLDialogElement[] => [...document.querySelectorAll("dialog")];

function dialog(): HTMLDialogElement {
  const [first, ...others] = dialogs();
  if (first === undefined || others.length > 0) throw new Error(`${String(dialogs().length)} dialogs`);
  return first;
}

describe("before a reading", () => {
  beforeEach(() => { document.body.replaceChildren(); });
  afterEach(() => { vi.unstubAllGlobals(); });

  it("shows a change of period once, and records its acknowledgement", async () => {
    const sent = serve(routes());
    const { before } = start();
    let ready = false;
    void before.prepare(WAITING, announced).then(() => { ready = true; });
    void before.prepare(WAITING, announced);
    await settle();
    expect(dialog().querySelector("h2")?.textContent).toBe("Period 2 of 2 begins");
    expect(dialog().textContent).toContain("From now on, guides are shown on the image.");
    dialog().dispatchEvent(new Event("cancel", { cancelable: true }));
    expect(ready).toBe(false);
    buttonNamed(dialog(), "Start period 2").click();
    await settle();
    expect(ready).toBe(true);
    expect(sent.filter(({ method }) => method === "POST")).toEqual([{ method: "POST", path: "/period", body: { period: 2 } }]);
  });

  it("joins the change and the instructions of its arm in one dialog", async () => {
    const sent = serve(routes({ "GET /i": { ...INSTRUCTIONS, acknowledged: [] } }));
    const done = start().before.acknowledgeInstructions(["guided"], ANNOUNCEMENT);
    await settle();
    expect(dialog().textContent).toContain("Period 2 of 2 begins");
    expect(dialog().textContent).toContain("The guides may be wrong.");
    const content = dialog().querySelector('[role="tabpanel"]');
    content?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true, cancelable: true }));
    expect(dialogs()).toHaveLength(1);
    content?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    await done;
    expect(dialogs()).toEqual([]);
    expect(sent.filter(({ method }) => method === "POST").map(({ path }) => path)).toEqual(["/i/acknowledge", "/period"]);
  });

  it("shows nothing while the period continues, nor for another reading than the current one", async () => {
    const sent = serve(routes());
    const { before } = start();
    await before.prepare(WAITING, plain);
    await before.prepare({ ...WAITING, id: "r2" }, { ...announced, break_due: true });
    expect(sent.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("continues when another window has moved to another period, and fails without a connection", async () => {
    serve(routes({ "POST /period": new Failure(409, "nothing_to_acknowledge") }));
    const passed = start().before.prepare(WAITING, announced);
    await settle();
    buttonNamed(dialog(), "Start period 2").click();
    await passed;
    const table = routes();
    delete table["POST /period"];
    serve(table);
    const failed = start().before.prepare(WAITING, announced);
    const rejected = expect(failed).rejects.toThrow();
    await settle();
    buttonNamed(dialog(), "Start period 2").click();
    await rejected;
  });

  it("is not closed by the key that submitted the reading before", async () => {
    serve(routes());
    void start().before.prepare(WAITING, announced);
    await settle();
    for (const init of [{ ctrlKey: true }, { repeat: true }]) {
      const event = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...init });
      dialog().dispatchEvent(event);
      expect(event.defaultPrevented).toBe(true);
    }
    const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
    dialog().dispatchEvent(enter);
    expect(enter.defaultPrevented).toBe(false);
  });
});

describe("break reminder", () => {
  beforeEach(() => { document.body.replaceChildren(); });
  afterEach(() => { vi.unstubAllGlobals(); });

  it("is shown between two readings once the server confirms that it is due", async () => {
    const sent = serve(routes());
    const { before, reminder } = start();
    reminder.setDue(true);
    const done = before.prepare(WAITING, plain);
    await settle();
    expect(dialog().textContent).toContain("You have been reading for 47 minutes");
    buttonNamed(dialog(), "Continue reading").click();
    await done;
    await before.prepare({ ...WAITING, id: "r2" }, plain);
    expect(sent.filter(({ path }) => path === "/break")).toHaveLength(1);
  });

  it("is never shown in the middle of a reading", async () => {
    const sent = serve(routes());
    await start().before.prepare({ ...WAITING, state: "open" }, { ...plain, current: { ...WAITING, state: "open" }, break_due: true });
    expect(sent.some(({ path }) => path === "/break")).toBe(false);
  });

  it("is left out when the server counts a pause, and without a connection", async () => {
    for (const answer of [{ minutes: null }, undefined]) {
      serve(answer === undefined ? { "GET /i": INSTRUCTIONS } : routes({ "POST /break": answer }));
      const { before, reminder } = start();
      reminder.setDue(true);
      await before.prepare(WAITING, plain);
      expect(dialogs()).toEqual([]);
    }
  });

  it("can be closed with Escape, and leads to the list of studies", async () => {
    serve(routes());
    const { before, reminder, leave } = start();
    reminder.setDue(true);
    void before.prepare(WAITING, plain);
    await settle();
    const escape = new Event("cancel", { cancelable: true });
    dialog().dispatchEvent(escape);
    expect(escape.defaultPrevented).toBe(false);
    buttonNamed(dialog(), "Go to my studies").click();
    expect(leave).toHaveBeenCalledOnce();
  });
});

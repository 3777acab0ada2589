// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Inbox, ReadingMessages } from "../../../src/reading/messages/contract";
import { RoomMessages } from "../../../src/reading/messages/roommessages";
import { NO_EXTRAS } from "../../../src/reading/roomextras";
import { Failure, buttonNamed, serve, settle } from "../../server";
import type { SentRequest } from "../../server";
import { openRoom, press, routes, withRooms } from "../openroom";

const THREAD: ReadingMessages = {
  name: "reading 1, period 1",
  messages: [{ author: "Coordinator", text: "See <b>page 2</b>.", written_at: "2026-11-30T09:00:00Z" }],
  earlier: 0,
  closed: false,
  max_length: 2000,
};
const INBOX: Inbox = {
  unread: 1,
  announcements: [{ id: "a1", author: "Coordinator", text: "Pause on Friday.", published_at: "2026-11-30T09:00:00Z" }],
};

function table(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    "GET /api/studies/s/messages": INBOX,
    "GET /api/readings/r1/messages": THREAD,
    "POST /api/readings/r1/messages": THREAD,
    "POST /api/announcements/a1/acknowledge": "",
    ...more,
  };
}

function dialog(): HTMLDialogElement {
  const [first, ...others] = document.querySelectorAll("dialog");
  if (first === undefined || others.length > 0) throw new Error("not one dialog");
  return first;
}

function write(text: string): void {
  const field = dialog().querySelector("textarea");
  if (field === null) throw new Error("no text field");
  field.value = text;
  field.dispatchEvent(new Event("input"));
}

const posted = (sent: SentRequest[]): { message_id: string; text: string }[] =>
  sent.filter(({ method }) => method === "POST").map(({ body }) => body as { message_id: string; text: string });

describe("a question", () => {
  beforeEach(() => {
    localStorage.clear();
    document.body.replaceChildren();
  });
  afterEach(() => { vi.unstubAllGlobals(); });

  it("is sent with what was written before in view, as plain text", async () => {
    const sent = serve(table());
    const result = new RoomMessages("/api/", "s", "7").ask("r1");
    await settle();
    expect(dialog().textContent).toContain("Reading 1, period 1.");
    expect(dialog().textContent).toContain("See <b>page 2</b>.");
    expect(dialog().textContent).toContain("Do not quote scores.");
    write("Is this an osteophyte?");
    buttonNamed(dialog(), "Send question").click();
    dialog().querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    expect(await result).toContain("Question sent.");
    expect(posted(sent)[0]?.text).toBe("Is this an osteophyte?");
    expect(localStorage.length).toBe(0);
  });

  it("keeps its text, on the device of its writer alone, until the server has stored it", async () => {
    serve({});
    const messages = new RoomMessages("/api/", "s", "7");
    void messages.ask("r1");
    write("Still there?");
    dialog().querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
    expect(dialog().querySelector('[role="alert"]')?.textContent).toContain("Not sent. The server could not be reached.");
    dialog().close();
    void new RoomMessages("/api/", "s", "8").ask("r1");
    expect(dialog().querySelector("textarea")?.value).toBe("");
    dialog().close();
    void new RoomMessages("/api/", "s", "7").ask("r1");
    expect(dialog().querySelector("textarea")?.value).toBe("Still there?");
  });

  it("is repeated under the same id, and under another one once its text has changed", async () => {
    const sent = serve(table({ "POST /api/readings/r1/messages": new Failure(503, "busy", "Try again.") }));
    void new RoomMessages("/api/", "s", "7").ask("r1");
    write("First");
    const form = dialog().querySelector("form");
    for (const text of [null, null, "Second"]) {
      if (text !== null) write(text);
      form?.dispatchEvent(new Event("submit", { cancelable: true }));
      await settle();
    }
    const [first, second, third] = posted(sent);
    expect(first).toEqual(second);
    expect(third?.text).toBe("Second");
    expect(third?.message_id).not.toBe(first?.message_id);
  });

  it("waits until the server has recorded the opening of the reading on the screen", async () => {
    vi.useFakeTimers();
    try {
      const refusal = new Failure(409, "not_opened", "Open the case first, then ask about it.");
      const routes = table({ "GET /api/readings/r1/messages": refusal, "POST /api/readings/r1/messages": refusal });
      serve(routes);
      const result = new RoomMessages("/api/", "s", "7").ask("r1");
      write("Is this an osteophyte?");
      dialog().querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
      await vi.advanceTimersByTimeAsync(1_000);
      expect(dialog().textContent).not.toContain("could not be loaded");
      expect(dialog().textContent).not.toContain("Not sent");
      Object.assign(routes, table());
      await vi.advanceTimersByTimeAsync(1_000);
      expect(await result).toContain("Question sent.");
    } finally {
      vi.useRealTimers();
    }
  });

  it("shows the reason for which the server refuses it", async () => {
    serve(table({ "POST /api/readings/r1/messages": new Failure(409, "locked", "The study is locked.") }));
    void new RoomMessages("/api/", "s", "7").ask("r1");
    write("Too late?");
    dialog().querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
    expect(dialog().querySelector('[role="alert"]')?.textContent).toContain("The study is locked.");
    expect(buttonNamed(dialog(), "Send question").disabled).toBe(false);
  });
});

describe("announcements", () => {
  beforeEach(() => { document.body.replaceChildren(); });
  afterEach(() => { vi.unstubAllGlobals(); });

  it("are shown once and acknowledged, and unread messages are reported", async () => {
    const sent = serve(table());
    const messages = new RoomMessages("/api/", "s", "7");
    const unread = vi.fn();
    messages.onUnread = unread;
    messages.refresh();
    const shown = messages.showAnnouncements();
    await settle();
    expect(dialog().textContent).toContain("Coordinator, 30 Nov 2026");
    expect(dialog().textContent).toContain("Pause on Friday.");
    buttonNamed(dialog(), "Acknowledge and continue").click();
    await shown;
    expect(unread).toHaveBeenCalledWith(1);
    expect(sent.filter(({ method }) => method === "POST").map(({ path }) => path)).toEqual(["/api/announcements/a1/acknowledge"]);
    // The server may answer an older request with the same announcement.
    messages.refresh();
    await messages.showAnnouncements();
    expect(document.querySelectorAll("dialog")).toHaveLength(0);
  });

  it("do not keep a case from the reader while there is no connection", async () => {
    serve({});
    const messages = new RoomMessages("/api/", "s", "7");
    messages.refresh();
    await messages.showAnnouncements();
    expect(document.querySelectorAll("dialog")).toHaveLength(0);
  });
});

describe("the reading room", () => {
  withRooms();

  it("asks with a key, records no time meanwhile, and says what happened", async () => {
    const ask = vi.fn(() => Promise.resolve("Question sent."));
    const { main } = await openRoom(routes(), { ...NO_EXTRAS, ask });
    press("q");
    await settle();
    expect(ask).toHaveBeenCalledWith("r1");
    expect(main.querySelector(".notice")?.textContent).toBe("Question sent.");
    expect(main.querySelectorAll(".pad-cell.filled")).toHaveLength(0);
  });

  it("has no questions in practice", async () => {
    const ask = vi.fn(() => Promise.resolve(""));
    await openRoom(routes(), { ...NO_EXTRAS, practice: true, ask });
    press("q");
    expect(ask).not.toHaveBeenCalled();
  });
});

describe("unread messages", () => {
  afterEach(() => { vi.unstubAllGlobals(); });

  it("are those of the latest request, also when an earlier response arrives last", async () => {
    const answers: ((inbox: Inbox) => void)[] = [];
    serve({ "GET /api/studies/s/messages": () => new Promise((resolve) => { answers.push(resolve); }) });
    const messages = new RoomMessages("/api/", "s", "7");
    const counts: number[] = [];
    messages.onUnread = (unread) => { counts.push(unread); };
    messages.refresh();
    messages.refresh();
    answers[1]?.({ unread: 0, announcements: [] });
    await settle();
    answers[0]?.(INBOX);
    await settle();
    expect(counts).toEqual([0]);
  });
});

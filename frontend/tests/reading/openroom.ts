import { afterEach, beforeEach, vi } from "vitest";
import type { ReadingOverview } from "../../src/reading/contract";
import { ReadingRoom } from "../../src/reading/room";
import { NO_EXTRAS } from "../../src/reading/roomextras";
import { ReadingApi } from "../../src/reading/saving/readingapi";
import { serve, settle, stubDrawing } from "../server";
import type { SentRequest } from "../server";
import { reading } from "./fixtures";

const INFO = { reader: "7", slug: "s", home: "/", signIn: "/in", signOut: "/out", study: "Guides trial", mark: "" };
const first = { ...reading(), arm: "unguided" as const, guides_allowed: false };
export const second = { ...first, id: "r2" };
export const progress = { read: 0, total: 2, period: 1, periods: 1, minutes_left: null };
export const overview: ReadingOverview = {
  study: { name: "Guides trial", slug: "s", demonstration: false, revision_rule: "never" },
  progress,
  current: first,
  next: { id: "r2" },
  waiting: null,
  announcement: null,
  break_due: false,
  submitted: null,
};
const CELLS = ["L1", "L2", "L3", "L4"].flatMap((level) => [`${level}_posterior`, `${level}_anterior`]);

export function routes(): Record<string, unknown> {
  const table: Record<string, unknown> = {
    "GET /api/studies/s/reading": overview,
    "GET /api/me/preferences": {},
    "GET /api/readings/r2": second,
  };
  for (const id of ["r1", "r2"]) {
    table[`GET /api/readings/${id}/pixels`] = new Uint8Array(6).buffer;
    table[`POST /api/readings/${id}/open`] = {};
    table[`POST /api/readings/${id}/time`] = {};
    table[`POST /api/readings/${id}/submit`] = {};
    for (const cell of CELLS) {
      table[`PUT /api/readings/${id}/cells/${cell}`] = { cell: { score: 1, validity: 0, reason: "", version: 1 } };
    }
  }
  return table;
}

export async function openRoom(table = routes(), extras = NO_EXTRAS): Promise<{ main: HTMLElement; sent: SentRequest[] }> {
  const sent = serve(table);
  const main = document.createElement("main");
  document.body.replaceChildren(main);
  await new ReadingRoom(main, new ReadingApi("/api/", "s"), INFO, extras).start();
  await settle();
  return { main, sent };
}

export function press(key: string, more: KeyboardEventInit = {}): void {
  window.dispatchEvent(new KeyboardEvent("keydown", { key, ...more }));
}

export const pathsOf = (sent: SentRequest[], method: string): string[] => sent.filter((one) => one.method === method).map((one) => one.path);

/** Prepare each test of reading rooms, and clean up after it. */
export function withRooms(): void {
  const add = window.addEventListener.bind(window);
  let remove: (() => void)[] = [];

  beforeEach(() => {
    localStorage.clear();
    stubDrawing();
    // A reading room listens until the page is left, so the listeners of one test are removed after it.
    vi.spyOn(window, "addEventListener").mockImplementation((type: string, listener: unknown, options?: unknown) => {
      add(type, listener as EventListener, options as AddEventListenerOptions);
      remove.push(() => { window.removeEventListener(type, listener as EventListener, options as AddEventListenerOptions); });
    });
  });
  afterEach(() => {
    for (const run of remove) run();
    remove = [];
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}

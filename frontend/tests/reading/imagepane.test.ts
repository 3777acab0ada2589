// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Display } from "../../src/reading/contract";
import { ImagePane } from "../../src/reading/imagepane";
import { ReaderPreferences } from "../../src/reading/preferences";
import type { LoadedReading } from "../../src/reading/saving/readingcache";
import { stubDrawing } from "../server";
import { NO_BODIES, reading } from "./fixtures";

const uncertainty = { reason: "x", detail: "L4 may be L5." };
const note = "VerteNet, 0123: synthetic images";

function loaded(between_cases: Display["between_cases"] = "reset", scanner = "s"): LoadedReading {
  const one = reading();
  const windows = [{ name: "full", center: 128, width: 256 }];
  return {
    reading: { ...one, image: { ...one.image, scanner, windows }, display: { anterior: "", between_cases, minimum_image_px: 0 } },
    values: new Uint8Array(6),
    guides: { guides: [], landmarks: NO_BODIES, level_uncertainty: uncertainty, note },
  };
}

function createPane(keepView = false) {
  const preferences = new ReaderPreferences({ fetchPreferences: () => Promise.resolve({}), savePreferences: () => Promise.resolve() });
  preferences.keepView = keepView;
  const pane = new ImagePane(preferences);
  document.body.replaceChildren(pane.root);
  return pane;
}

/** Let the pane draw what was changed, and return the view that it reports. */
function drawn(pane: ImagePane) {
  vi.advanceTimersByTime(50);
  return pane.takeView();
}

describe("image pane", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    stubDrawing();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it("shows no text about the model on the image", () => {
    const pane = createPane();
    pane.show(loaded());
    expect(pane.root.textContent).not.toContain("VerteNet");
    expect(pane.root.textContent).not.toContain("L4");
  });

  it("shows the letters of both sides in every arm", () => {
    const pane = createPane();
    pane.show({ ...loaded(), guides: null });
    expect([...pane.root.querySelectorAll(".side-mark")].map((mark) => mark.textContent)).toEqual(["P", "A"]);
  });

  it("can be focused and describes its keys", () => {
    const pane = createPane();
    pane.show(loaded());
    const host = pane.root.querySelector<HTMLElement>(".room-viewer");
    expect(host?.tabIndex).toBe(0);
    expect(host?.getAttribute("aria-label")).toBe("Image of the current case, anterior to the right");
    const described = document.getElementById(host?.getAttribute("aria-describedby") ?? "");
    expect(described?.textContent).toContain("Zoom: + and -.");
  });

  it("reports presets, zoom and window as they were drawn", () => {
    const pane = createPane();
    pane.show(loaded());
    expect(drawn(pane)).toMatchObject({ preset: "fit", zoom: 1, center: 128, width: 256, inverted: false });
    pane.handleAction("zoomIn");
    pane.handleAction("invert");
    expect(drawn(pane)).toMatchObject({ preset: "manual", zoom: 1.25, inverted: true });
    pane.handleAction("lowerSpine");
    expect(drawn(pane)).toMatchObject({ preset: "lower_spine" });
    pane.handleAction("panDown");
    expect(drawn(pane)).toMatchObject({ preset: "manual" });
    pane.handleAction("reset");
    expect(drawn(pane)).toMatchObject({ preset: "fit", zoom: 1, inverted: false });
  });

  it.each([
    ["reset", false, 1, false],
    ["keep", false, 1.25, true],
    ["reader", false, 1, false],
    ["reader", true, 1.25, true],
  ] as const)("opens the next case by the option %s with the reader's choice %s", (option, choice, zoom, inverted) => {
    const pane = createPane(choice);
    pane.show(loaded(option));
    pane.handleAction("zoomIn");
    pane.handleAction("invert");
    pane.rememberView();
    pane.clear();
    pane.show(loaded(option));
    expect(drawn(pane)).toMatchObject({ zoom, inverted });
  });

  it("keeps the window for the same scanner only", () => {
    const pane = createPane();
    pane.show(loaded("keep"));
    pane.handleAction("invert");
    pane.rememberView();
    pane.show(loaded("keep", "another"));
    expect(drawn(pane)).toMatchObject({ inverted: false });
  });

  it.each(["left", "right"] as const)("opens an image with anterior to the %s on the same part of the body", (side) => {
    const pane = createPane();
    const first = loaded("keep");
    pane.show(first);
    pane.viewer.zoomAbout(1.25, { x: 0, y: 0 });
    pane.rememberView();
    const before = pane.viewer.relativeView();
    const { reading: next } = loaded("keep");
    pane.show({ ...first, reading: { ...next, image: { ...next.image, anterior: side } } });
    const after = pane.viewer.relativeView();
    expect(before?.x).not.toBeCloseTo(0.5, 3);
    expect(after?.x).toBeCloseTo(side === "right" ? before?.x ?? 0 : 1 - (before?.x ?? 0), 9);
    expect(after?.y).toBeCloseTo(before?.y ?? 0, 9);
  });

  it("shows magnifier and ruler on demand and removes them with the case", () => {
    const pane = createPane();
    const states: object[] = [];
    pane.onView = (_kind, tools) => { states.push(tools); };
    pane.show(loaded());
    pane.handleAction("magnifier");
    pane.handleAction("ruler");
    expect(states.at(-1)).toEqual({ magnifier: true, ruler: true });
    expect(pane.root.querySelector<HTMLElement>(".magnifier")?.hidden).toBe(false);
    pane.clear();
    expect(pane.root.querySelector<HTMLElement>(".magnifier")?.hidden).toBe(true);
  });
});

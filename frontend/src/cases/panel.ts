/** Beside the image while corners are corrected: the corner in hand, what was changed, save and discard. */

import { button, el } from "../dom";
import type { Pair } from "../viewer/overlay/marks";
import type { PixelSize } from "../viewer/pixelsize";
import { PLACES, at, changedPlaces, nameOf, wayOf } from "./draft";
import type { Draft, Place } from "./draft";
import { STEP } from "./handles";

export interface PanelEvents {
  stepped(by: Pair): void;
  takenOut(): void;
  putIn(place: Place): void;
  undo(): void;
  redo(): void;
  discard(): void;
  save(): void;
}

const STEPS: readonly (readonly [string, string, Pair])[] = [
  ["\u2190", "Half a pixel to the left", [-STEP, 0]],
  ["\u2191", "Half a pixel up", [0, -STEP]],
  ["\u2193", "Half a pixel down", [0, STEP]],
  ["\u2192", "Half a pixel to the right", [STEP, 0]],
];
const HELP =
  "Drag a corner; the wheel or two fingers zoom. Or go from corner to corner with Tab: arrow keys move it by half " +
  "a pixel, with Shift by 5, Del takes it out. Where a corner belongs is written in the corner convention.";

export class Panel {
  readonly root: HTMLElement;
  private readonly name = el("strong", {});
  private readonly position = el("span", { class: "muted", role: "status" });
  private readonly steps: HTMLButtonElement[];
  private readonly out: HTMLButtonElement;
  private readonly missing = el("div", { class: "actions missing" });
  private readonly summary = el("p", { class: "small" });
  private readonly text = el("textarea", { id: "correction-reason", rows: 2, maxlength: 500 });
  private readonly notice = el("div", { role: "alert" });
  private readonly undo: HTMLButtonElement;
  private readonly redo: HTMLButtonElement;
  private readonly discard: HTMLButtonElement;
  private readonly save: HTMLButtonElement;
  private listed = "";
  private readonly puts = new Map<Place, HTMLButtonElement>();
  private changed = 0;

  constructor(private readonly events: PanelEvents) {
    this.steps = STEPS.map(([sign, label, by]) =>
      button(sign, () => { events.stepped(by); }, { "aria-label": label, title: label }),
    );
    this.out = button("Outside the image", () => { events.takenOut(); });
    this.undo = button("Undo", () => { events.undo(); });
    this.redo = button("Redo", () => { events.redo(); });
    this.discard = button("Discard", () => { events.discard(); });
    this.save = button("Save", () => { events.save(); }, { class: "primary" });
    this.root = el(
      "section",
      { class: "correction", "aria-label": "Correct corners" },
      el("h2", {}, "Correct corners"),
      el("p", { class: "in-hand" }, this.name, this.position),
      el("div", { class: "actions nudges" }, ...this.steps, this.out),
      this.missing,
      this.summary,
      el("div", { class: "field" }, el("label", { for: "correction-reason" }, "Reason (if you like)"), this.text),
      this.notice,
      el("div", { class: "actions" }, this.save, this.undo, this.redo, this.discard),
      el("p", { class: "small muted" }, HELP),
    );
  }

  get reason(): string {
    return this.text.value.trim();
  }

  show(draft: Draft, picked: Place | null, size: PixelSize): void {
    const corner = picked === null ? null : at(draft.now, picked);
    this.name.textContent = picked === null ? "No corner in hand" : nameOf(picked);
    this.position.textContent = picked === null ? "Drag one, or go to it with Tab" : positionText(draft, picked, size);
    for (const step of [...this.steps, this.out]) step.disabled = corner === null;
    const changed = changedPlaces(draft);
    this.changed = changed.length;
    this.summary.textContent = summaryOf(draft, changed, size);
    this.undo.disabled = draft.past.length === 0;
    this.redo.disabled = draft.future.length === 0;
    this.discard.textContent = changed.length === 0 ? "Close" : "Discard";
    this.save.disabled = changed.length === 0;
    this.list(PLACES.filter((place) => at(draft.now, place) === null));
  }

  busy(saving: boolean): void {
    this.save.disabled = saving || this.changed === 0;
    if (saving) this.notice.replaceChildren();
  }

  complain(message: string): void {
    this.notice.replaceChildren(el("p", { class: "message warning" }, message));
  }

  focusMissing(place: Place): void {
    this.puts.get(place)?.focus();
  }

  /** Corners that are not on the image, each with a button that puts it there. */
  private list(places: readonly Place[]): void {
    const listed = places.map(nameOf).join();
    if (listed === this.listed) return;
    this.listed = listed;
    this.puts.clear();
    for (const place of places) {
      this.puts.set(place, button(nameOf(place), () => { this.events.putIn(place); }));
    }
    const words = el("span", { class: "small" }, "Not on the image; press to put in:");
    this.missing.replaceChildren(...(places.length === 0 ? [] : [words, ...this.puts.values()]));
  }
}

function positionText(draft: Draft, place: Place, size: PixelSize): string {
  const corner = at(draft.now, place);
  if (corner === null) return "outside the image, left out";
  const way = wayOf(draft, place, size);
  const text = `x ${corner[0].toFixed(2)}, y ${corner[1].toFixed(2)}`;
  return way === null || way === 0 ? text : `${text}, moved ${length(way, size)}`;
}

function summaryOf(draft: Draft, changed: readonly Place[], size: PixelSize): string {
  if (changed.length === 0) return "Nothing is changed yet.";
  const ways = changed.map((place) => wayOf(draft, place, size)).filter((way) => way !== null);
  const farthest = ways.length === 0 ? "" : `, ${length(Math.max(...ways), size)} at most`;
  const count = `${String(changed.length)} corner${changed.length === 1 ? "" : "s"} changed${farthest}.`;
  return `${count} Saving makes a new version, with crop check and shapes measured anew.`;
}

function length(value: number, size: PixelSize): string {
  return `${value.toFixed(1)} ${size.unit}`;
}

/** The window's events, as the reading room needs them. */

import { actionOf, belongsToField } from "../../keys";
import type { Action, Bindings } from "../../keys";

export interface RoomEvents {
  /** A sign of life, for the clock. */
  sign(): void;
  bindings(): Bindings;
  /** True when an open sheet has the keyboard. */
  sheetTakes(event: KeyboardEvent): boolean;
  act(action: Action, key: string): void;
  keyUp(key: string): void;
  seen(visible: boolean): void;
  /** The line may be back, or the person may have signed in again. */
  maybeBack(): void;
  leaving(): void;
  hasUnsent(): boolean;
}

export function listen(events: RoomEvents): void {
  for (const name of ["pointerdown", "pointermove", "wheel", "keydown"]) {
    window.addEventListener(name, () => { events.sign(); }, { capture: true, passive: true });
  }
  window.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") === null) press(events, event);
  });
  window.addEventListener("keyup", (event) => { events.keyUp(event.key); });
  window.addEventListener("online", () => { events.maybeBack(); });
  window.addEventListener("focus", () => { events.maybeBack(); });
  window.addEventListener("pagehide", () => { events.leaving(); });
  window.addEventListener("beforeunload", (event) => { if (events.hasUnsent()) event.preventDefault(); });
  document.addEventListener("visibilitychange", () => {
    events.seen(document.visibilityState === "visible");
  });
}

const REPEATING: readonly Action[] = ["left", "right", "up", "down"];

function press(events: RoomEvents, event: KeyboardEvent): void {
  if (events.sheetTakes(event) || belongsToField(event.target, event)) return;
  const action = actionOf(events.bindings(), event);
  if (action === null) return;
  event.preventDefault();
  if (!event.repeat || REPEATING.includes(action)) events.act(action, event.key);
}

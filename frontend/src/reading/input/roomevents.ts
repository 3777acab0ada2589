/** Window and document events of the reading room. */

import { actionForKey, belongsToField } from "../../keys";
import type { Action, Bindings } from "../../keys";

export interface RoomEvents {
  /** Any input, for the activity clock. */
  recordActivity(): void;
  bindings(): Bindings;
  /** Return true when an open dialog has handled the key press. */
  handledByDialog(event: KeyboardEvent): boolean;
  runAction(action: Action, key: string): void;
  keyUp(key: string): void;
  visibilityChanged(visible: boolean): void;
  /** The connection may be back, or the person may have signed in again. */
  mayBeOnline(): void;
  pageHidden(): void;
  hasUnsent(): boolean;
}

export function listenToWindow(events: RoomEvents): void {
  for (const name of ["pointerdown", "pointermove", "wheel", "keydown"]) {
    // In the capture phase, because dialogs and drawing tools stop events; passive, because it only counts.
    window.addEventListener(name, () => { events.recordActivity(); }, { capture: true, passive: true });
  }
  window.addEventListener("keydown", (event) => {
    // A modal dialog handles its own keys.
    if (document.querySelector("dialog[open]") === null) handleKeyDown(events, event);
  });
  window.addEventListener("keyup", (event) => { events.keyUp(event.key); });
  window.addEventListener("online", () => { events.mayBeOnline(); });
  // A reader who signed in again in another tab comes back to this one.
  window.addEventListener("focus", () => { events.mayBeOnline(); });
  // On tablets, beforeunload is often not fired, but pagehide is.
  window.addEventListener("pagehide", () => { events.pageHidden(); });
  window.addEventListener("beforeunload", (event) => { if (events.hasUnsent()) event.preventDefault(); });
  document.addEventListener("visibilitychange", () => {
    events.visibilityChanged(document.visibilityState === "visible");
  });
}

// Holding a key down must never score several cells.
const REPEATABLE_ACTIONS: readonly Action[] = [
  "left", "right", "up", "down", "zoomIn", "zoomOut", "panLeft", "panRight", "panUp", "panDown",
];

function handleKeyDown(events: RoomEvents, event: KeyboardEvent): void {
  if (events.handledByDialog(event) || belongsToField(event.target, event)) return;
  const action = actionForKey(events.bindings(), event);
  if (action === null) return;
  event.preventDefault();
  if (!event.repeat || REPEATABLE_ACTIONS.includes(action)) events.runAction(action, event.key);
}

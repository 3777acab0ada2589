/** The window's events, as the reading room needs them. */

export interface RoomEvents {
  /** A sign of life, for the clock. */
  sign(): void;
  key(event: KeyboardEvent): void;
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
    if (document.querySelector("dialog[open]") === null) events.key(event);
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

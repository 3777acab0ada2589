/** When an entry was made, by which the server assigns it to a reading session, and the size of the window then. */

import type { Display, Entry, NewEntry } from "./outbox";

/** The server rejects larger ages; an entry is hardly ever kept for so long. */
const MAX_AGE_MS = 364 * 24 * 3600 * 1000;

/** Add the present time and window size to entries that count as activity of a reading session. */
export function withContext(entry: NewEntry): NewEntry {
  if (entry.kind === "cell" || entry.kind === "comment" || entry.kind === "traces") return entry;
  return { ...entry, at: Date.now(), display: currentDisplay() };
}

/**
 * Return the fields of a request. The age is relative, because the clocks of device and server differ.
 *
 * Entries of an earlier release have neither time nor window size.
 */
export function contextFields(entry: Entry): Record<string, number> {
  if (entry.kind === "cell" || entry.kind === "comment" || entry.kind === "traces") return {};
  const { at, display } = entry;
  return {
    // A clock that was set back would give a negative age.
    ...(at === undefined ? {} : { age_ms: Math.min(Math.max(0, Date.now() - at), MAX_AGE_MS) }),
    ...(display === undefined ? {} : {
      viewport_width: display.width,
      viewport_height: display.height,
      device_pixel_ratio: display.ratio,
    }),
  };
}

/** Return the size of the viewport in CSS pixels; undefined while the window has none, as when it is minimised. */
function currentDisplay(): Display | undefined {
  const { innerWidth: width, innerHeight: height, devicePixelRatio: ratio } = window;
  return width >= 1 && height >= 1 && ratio > 0 ? { width: Math.round(width), height: Math.round(height), ratio } : undefined;
}

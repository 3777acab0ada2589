/** What a page adds to the reading room: instructions and announcements before a reading, and feedback after it. */

import type { Reading, ReadingOverview } from "./contract";
import type { PanelInfo } from "./panel";
import type { Feedback } from "./practice/feedback";
import type { Entry } from "./saving/outbox";

/** What the page says about the reader and the study. */
export interface RoomInfo extends PanelInfo {
  /** The practice round, where the room is used for practice. */
  readonly practice?: string;
  readonly reader: string;
  readonly slug: string;
  readonly home: string;
  readonly signIn: string;
  readonly signOut: string;
}

export interface RoomExtras {
  /** Resolve when the reading may be shown; ``overview`` is the latest one, often that of the reading before. */
  prepare(reading: Reading, overview: ReadingOverview | null): Promise<void>;
  /** Called with the server's answer to an entry. */
  confirmed(entry: Entry, response: unknown): void;
  openInstructions(arm: string | null): void;
  /** Shown after the submission of a practice case; null in a study. */
  readonly feedback: Feedback | null;
}

export const NO_EXTRAS: RoomExtras = {
  prepare: () => Promise.resolve(),
  confirmed: () => undefined,
  openInstructions: () => undefined,
  feedback: null,
};

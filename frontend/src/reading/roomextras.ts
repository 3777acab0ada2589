/** What a page adds to the reading room: instructions before a reading, and feedback after it. */

import type { Reading } from "./contract";
import type { PanelInfo } from "./panel";
import type { Feedback } from "./practice/feedback";

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
  /** Resolve when the reading may be shown. */
  prepare(reading: Reading): Promise<void>;
  openInstructions(arm: string | null): void;
  /** The server has rejected an entry for the reason with this code. */
  rejected(code: string): void;
  /** Shown after the submission of a practice case; null in a study. */
  readonly feedback: Feedback | null;
}

export const NO_EXTRAS: RoomExtras = {
  prepare: () => Promise.resolve(),
  openInstructions: () => undefined,
  rejected: () => undefined,
  feedback: null,
};

/** What a page adds to the reading room: the instructions, and how practice differs. */

import type { PanelInfo } from "./panel";

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
  /** Show these parts of the instructions; resolves when the reader has acknowledged them. */
  acknowledge(parts: readonly string[]): Promise<void>;
  openInstructions(arm: string | null): void;
  /** In practice, the reference grades follow every case, and there are no comments. */
  readonly practice: boolean;
}

export const NO_EXTRAS: RoomExtras = {
  acknowledge: () => Promise.resolve(),
  openInstructions: () => undefined,
  practice: false,
};

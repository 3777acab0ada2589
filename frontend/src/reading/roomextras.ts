/** What a page adds to the reading room: instructions and announcements before a reading, and how practice differs. */

import type { Announcement } from "../schema";
import type { Reading, ReadingOverview } from "./contract";
import type { PanelInfo } from "./panel";
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
  /** Show these parts of the instructions, with a change of period; resolves when the reader has acknowledged them. */
  acknowledge(parts: readonly string[], announcement: Announcement | null): Promise<void>;
  /** Resolve when the reading may be shown; ``overview`` is the latest one, often that of the reading before. */
  prepare(reading: Reading, overview: ReadingOverview | null): Promise<void>;
  /** Called with the server's answer to an entry. */
  confirmed(entry: Entry, response: unknown): void;
  openInstructions(arm: string | null): void;
  /** In practice, the reference grades follow every case, and there are no comments. */
  readonly practice: boolean;
  /** Ask for the display check that the server requires; resolves when it has been passed. */
  checkDisplay(): Promise<void>;
  /** The server has rejected an entry for the reason with this code. */
  rejected(code: string): void;
  /** Show the messages about a reading; resolves with a sentence for the reader when they are closed. */
  ask(reading: string): Promise<string>;
}

export const NO_EXTRAS: RoomExtras = {
  acknowledge: () => Promise.resolve(),
  prepare: () => Promise.resolve(),
  confirmed: () => undefined,
  openInstructions: () => undefined,
  practice: false,
  checkDisplay: () => Promise.resolve(),
  rejected: () => undefined,
  ask: () => Promise.resolve(""),
};

interface AskingRoom {
  readonly openReading: { readonly id: string } | null;
  readonly panel: { showNotice(text: string): void };
  readonly timeReporter: { stop(): void; resume(): void };
}

/** Let the reader ask about the reading on the screen; meanwhile, no reading time is recorded. */
export async function askInRoom(room: AskingRoom, extras: RoomExtras): Promise<void> {
  const id = room.openReading?.id;
  if (id === undefined || extras.practice) return;
  room.timeReporter.stop();
  const notice = await extras.ask(id);
  if (room.openReading?.id !== id) return;
  room.timeReporter.resume();
  room.panel.showNotice(notice);
}

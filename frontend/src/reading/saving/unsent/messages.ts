/** Texts of the save indicator, and descriptions of unsent entries. */

import type { Entry } from "../outbox";
import type { OtherEntries } from "../outboxstore";
import type { SaveStatus } from "../sender";
import { cellName } from "../../padstate";

export const SAVE_STATUS_TEXTS: Readonly<Record<SaveStatus, string>> = {
  saved: "Saved",
  saving: "Saving",
  offline: "Offline. Saved on this device; will sync when you reconnect",
  unavailable: "Server unavailable. Saved on this device; will sync when it is back",
  "server-error": "Server error. Saved on this device; will be sent again",
  "signed-out": "Signed out. Saved on this device; will sync when you sign in",
  "other-user": "Another person is signed in. Saved on this device; will sync when you sign in",
  denied: "No access to this study at present. Saved on this device; contact the coordinator",
  waiting: "Study closed for reading. Saved on this device; will sync when it reopens",
  instructions: "New instructions. Saved on this device; will sync when you have read them",
  "not-stored": "Not saved: this browser cannot store data on this device. Keep this page open",
  behind: "Saved on this device; will sync when you have submitted this case",
  rejected: "Not stored on the server. Saved on this device only",
};

const MAX_QUOTE_LENGTH = 60;

/** Describe an entry, such as "L2 anterior: 3". */
export function describeEntry(entry: Entry): string {
  switch (entry.kind) {
    case "cell":
      return `${cellName(entry.cell)}: ${markText(entry)}`;
    case "traces":
      return entry.drawing.traces.length === 1 ? "1 trace" : `${String(entry.drawing.traces.length)} traces`;
    case "comment":
      return `Comment: \u201c${shorten(entry.text)}\u201d`;
    case "time":
      return `Reading time: ${formatDuration(entry.activeMs + entry.idleMs)}`;
    case "submit":
      return "Submission";
    case "open":
      return "";
  }
}

/** Return the note on entries that this page does not send; empty if there are none. */
export function otherEntriesText({ otherPeople, otherStudies }: OtherEntries): string {
  const parts = [
    otherPeople === 0 ? "" : `${countText(otherPeople)} from another person, which will be sent when that person signs in and opens the study.`,
    otherStudies === 0 ? "" : `${countText(otherStudies)} from you in another study, which will be sent when you open that study.`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `This device holds ${parts.join(" It also holds ")}`;
}

export function countText(entries: number): string {
  return entries === 1 ? "1 unsent entry" : `${String(entries)} unsent entries`;
}

function markText({ mark }: Entry & { kind: "cell" }): string {
  if (!("score" in mark)) return mark.reason === "" ? "not readable" : `not readable (${mark.reason})`;
  return mark.score === null ? "cleared" : String(mark.score);
}

function shorten(text: string): string {
  return text.length <= MAX_QUOTE_LENGTH ? text : `${text.slice(0, MAX_QUOTE_LENGTH)}\u2026`;
}

function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The save indicator's words, and what an unsent entry holds. */

import type { Entry } from "../outbox";
import type { Elsewhere } from "../outboxstore";
import type { Light } from "../sender";
import { nameOf } from "../../session";

export const LIGHTS: Readonly<Record<Light, string>> = {
  saved: "Saved",
  saving: "Saving",
  offline: "Offline. Saved on this device; will sync when you reconnect",
  unavailable: "Server unavailable. Saved on this device; will sync when it is back",
  "signed-out": "Signed out. Saved on this device; will sync when you sign in.",
  "other-user": "Another person is signed in. Saved on this device; will sync when you sign in.",
  denied: "No access to this study at present. Saved on this device; ask the coordinator",
  waiting: "Study closed for reading. Saved on this device; will sync when it reopens",
  unkept: "Not saved: this browser cannot store data on this device. Keep this page open",
  behind: "Saved on this device; will sync when you have submitted this case",
  refused: "Not stored on the server. Saved on this device only",
};

const LONGEST_QUOTE = 60;

/** "L2 anterior: 3" */
export function contentOf(entry: Entry): string {
  switch (entry.kind) {
    case "cell":
      return `${nameOf(entry.cell)}: ${markOf(entry)}`;
    case "comment":
      return `Comment: \u201c${shortened(entry.text)}\u201d`;
    case "time":
      return `Reading time: ${minutes(entry.activeMs + entry.idleMs)}`;
    case "submit":
      return "Submission";
    case "open":
      return "";
  }
}

/** Entries on this device that belong to others, or to another study; empty if there are none. */
export function elsewhereText({ otherPeople, otherStudies }: Elsewhere): string {
  const parts = [
    otherPeople === 0 ? "" : `${counted(otherPeople)} of another person: sent when that person signs in and opens the study.`,
    otherStudies === 0 ? "" : `${counted(otherStudies)} of yours in another study: sent when you open that study.`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `This device holds ${parts.join(" It also holds ")}`;
}

export function counted(entries: number): string {
  return entries === 1 ? "1 unsent entry" : `${String(entries)} unsent entries`;
}

function markOf({ mark }: Entry & { kind: "cell" }): string {
  if (!("score" in mark)) return mark.reason === "" ? "not readable" : `not readable (${mark.reason})`;
  return mark.score === null ? "cleared" : String(mark.score);
}

function shortened(text: string): string {
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}\u2026`;
}

function minutes(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, "0")}`;
}

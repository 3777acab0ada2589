/**
 * The outbox: changes that the server has not confirmed yet, in sending order. Pure; outboxstore.ts persists it.
 *
 * Field names of entries are part of the stored format: entries of an earlier release must stay readable.
 */

import type { CellId } from "../contract";
import type { Drawing } from "../measuring/drawing";
import type { Mark } from "../padstate";
import { mergeTexts } from "../../text";
import { mergeViews } from "../view/viewlog";
import type { ViewReport } from "../view/viewlog";

/** Why the server rejected an entry. */
export interface Rejection {
  readonly code: string;
  readonly message: string;
  /** The version stored on the server instead, where the response states it. */
  readonly version: number | null;
}

/** The viewport in CSS pixels, and device pixels per CSS pixel. */
export interface Display {
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
}

/** Entries that count as activity of a reading session. */
interface Moment {
  /** Time of the device at which the entry was made. Missing in entries of earlier releases, as the window size. */
  readonly at?: number;
  readonly display?: Display | undefined;
}

/** Time reports further apart are sent separately, because a reading session may have ended between them. */
const MAX_MERGE_GAP_MS = 5 * 60_000;

interface Base {
  /** The change_id; sending it repeatedly has a single effect. */
  readonly id: string;
  readonly seq: number;
  readonly reading: string;
  /** Set before the first attempt; from then on the server may have stored the entry. */
  readonly tried: boolean;
  /** Set on a rejected entry, which is not sent until the reader saves it again or discards it. */
  readonly refusal?: Rejection;
}

interface TimeEntry {
  readonly kind: "time";
  readonly activeMs: number;
  readonly idleMs: number;
  readonly guidesMs: number;
  /** How the image was displayed meanwhile. */
  readonly view?: ViewReport;
}

export type Entry =
  | (Base & Moment & { readonly kind: "open" })
  | (Base & { readonly kind: "cell"; readonly cell: CellId; readonly mark: Mark; readonly version: number | null })
  | (Base & { readonly kind: "traces"; readonly drawing: Drawing; readonly version: number | null })
  | (Base & { readonly kind: "comment"; readonly text: string; readonly version: number | null })
  | (Base & Moment & TimeEntry)
  | (Base & Moment & { readonly kind: "submit" });

export type Outbox = readonly Entry[];

/** Kinds of which a later entry does not replace a rejected one. */
const KEPT_WHEN_REJECTED: readonly Entry["kind"][] = ["time", "traces"];

type WithoutSendState<T> = T extends unknown ? Omit<T, "seq" | "tried"> : never;
export type NewEntry = WithoutSendState<Entry>;

/**
 * Add an entry; it replaces an entry for the same target that was never sent or was rejected.
 *
 * Rejected traces are kept, because drawing them again takes long.
 */
export function addEntry(before: Outbox, entry: NewEntry): Outbox {
  // Entries of earlier pages are in the outbox too, so numbers continue after the highest.
  const seq = Math.max(0, ...before.map((other) => other.seq)) + 1;
  const added = { ...entry, seq, tried: false } as Entry;
  const outbox = before.filter((other) => !(isRejected(other) && !KEPT_WHEN_REJECTED.includes(other.kind) && sameTarget(other, added)));
  // Only entries that were never sent: an entry that was tried may already be stored.
  const replaced = outbox.find((other) => !other.tried && sameTarget(other, added) && !isFarApart(other, added));
  const others = outbox.filter((other) => other !== replaced);
  if (replaced === undefined) return [...others, clearVersionIfPending(others, added)];
  // A waiting opening or submission already has the same content.
  if (added.kind === "open" || added.kind === "submit") return outbox.length === before.length ? before : outbox;
  return [...others, clearVersionIfPending(others, mergeEntries(replaced, added))];
}

/** Return the next entry to send; with `reading`, the next one of that reading. */
export function nextEntry(outbox: Outbox, reading: string | null): Entry | null {
  // A rejected entry does not block the others: they may concern other cells.
  const waiting = outbox.filter((entry) => !isRejected(entry));
  return waiting.find((entry) => reading === null || entry.reading === reading) ?? null;
}

export function isRejected(entry: Entry): boolean {
  return entry.refusal !== undefined;
}

export function markTried(outbox: Outbox, id: string): Outbox {
  return outbox.map((entry) => (entry.id === id ? { ...entry, tried: true } : entry));
}

/** Remove a stored entry; a later entry for the same target continues from the stored version. */
export function confirmEntry(outbox: Outbox, sent: Entry, version: number | null): Outbox {
  return outbox
    .filter((entry) => entry.id !== sent.id)
    .map((entry) => (isVersioned(entry) && sameTarget(entry, sent) ? { ...entry, version } : entry));
}

/** Mark an entry as rejected; of several entries for the same target only the latest is kept. */
export function parkEntry(outbox: Outbox, sent: Entry, refusal: Rejection): Outbox {
  // A change made while the entry was under way has the text that the reader sees now.
  const same = outbox.filter((entry) => entry.id === sent.id || (isVersioned(entry) && sameTarget(entry, sent)));
  const earlier = outbox.filter((entry) => sent.kind === "time" && isRejected(entry) && sameTarget(entry, sent));
  const latest = same.at(-1);
  if (latest === undefined) return outbox;
  const whole = earlier.reduce((entry, other) => mergeEntries(other, entry), latest);
  const version = refusal.version ?? (isVersioned(sent) ? sent.version : null);
  // The stored version, so that saving again replaces what the reader has seen.
  const parkedEntry = { ...whole, refusal, ...(isVersioned(latest) ? { version } : {}) } as Entry;
  return outbox
    .filter((entry) => entry === latest || !(same.includes(entry) || earlier.includes(entry)))
    .map((entry) => (entry === latest ? parkedEntry : entry));
}

/** Prepare a stale comment to be sent again, with the text of the other window above it. */
export function rebaseComment(outbox: Outbox, sent: Entry, other: { text: string; version: number }, id: string): Outbox {
  const same = outbox.filter((entry) => entry.kind === "comment" && sameTarget(entry, sent));
  const latest = same.at(-1);
  if (latest?.kind !== "comment") return outbox;
  const text = mergeTexts(other.text, latest.text);
  // With a new id: under the old one the server would answer as before.
  const updated: Entry = { ...latest, id, text, version: other.version, tried: false };
  return outbox
    .filter((entry) => entry === latest || !same.includes(entry))
    .map((entry) => (entry === latest ? updated : entry));
}

/** Queue a rejected entry again as a new change. */
export function requeueEntry(outbox: Outbox, id: string, newId: string): Outbox {
  return outbox.map((entry) => {
    if (entry.id !== id) return entry;
    const { refusal, ...rest } = entry;
    return refusal === undefined ? entry : ({ ...rest, id: newId, tried: false } as Entry);
  });
}

/** Remove entries that contain no data of the reader, or that the reader has discarded. */
export function removeEntries(outbox: Outbox, ids: readonly string[]): Outbox {
  return outbox.filter((entry) => !ids.includes(entry.id));
}

/** Return the entries that a reader would lose. Openings contain no data; times count only after a rejection. */
export function unsentEntries(outbox: Outbox): Entry[] {
  return outbox.filter((entry) => isRejected(entry) || (entry.kind !== "time" && entry.kind !== "open"));
}

export function countUnsent(outbox: Outbox): number {
  return unsentEntries(outbox).length;
}

function sameTarget(a: Entry, b: Entry): boolean {
  if (a.reading !== b.reading || a.kind !== b.kind) return false;
  return a.kind !== "cell" || (b.kind === "cell" && a.cell === b.cell);
}

function isVersioned(entry: Entry): entry is Entry & { kind: "cell" | "comment" | "traces" } {
  return entry.kind === "cell" || entry.kind === "comment" || entry.kind === "traces";
}

function isFarApart(before: Entry, after: Entry): boolean {
  if (before.kind !== "time" || after.kind !== "time") return false;
  return before.at !== undefined && after.at !== undefined && after.at - before.at > MAX_MERGE_GAP_MS;
}

function mergeEntries(before: Entry, after: Entry): Entry {
  if (before.kind === "time" && after.kind === "time") {
    const view = mergeOptionalViews(before.view, after.view);
    return {
      ...after,
      ...(view === undefined ? {} : { view }),
      activeMs: before.activeMs + after.activeMs,
      idleMs: before.idleMs + after.idleMs,
      guidesMs: before.guidesMs + after.guidesMs,
    };
  }
  // The older version: the newer entry was made on top of a change that was never sent.
  if (isVersioned(before) && isVersioned(after)) return { ...after, version: before.version };
  return after;
}

function mergeOptionalViews(before: ViewReport | undefined, after: ViewReport | undefined): ViewReport | undefined {
  return before === undefined || after === undefined ? (after ?? before) : mergeViews(before, after);
}

/** Clear the version while an earlier entry for the same target is being sent, because it is not known yet. */
function clearVersionIfPending(outbox: Outbox, entry: Entry): Entry {
  const isPending = isVersioned(entry) && outbox.some((other) => other.tried && sameTarget(other, entry));
  return isPending ? { ...entry, version: null } : entry;
}

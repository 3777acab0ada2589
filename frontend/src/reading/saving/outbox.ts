/** What was not yet confirmed by the server, in the order of sending. Pure; outboxstore.ts keeps it. */

import type { CellId } from "../contract";
import type { Mark } from "../session";
import { combined } from "../../text";

/** Why the server did not store an entry. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** The version that is stored instead, where the answer names one. */
  readonly version: number | null;
}

interface Base {
  /** The change_id: repeated sending has one effect. */
  readonly id: string;
  readonly seq: number;
  readonly reading: string;
  /** Set before the first sending: from then on the server may know it. */
  readonly tried: boolean;
  /** A refused entry is kept and not sent until the reader saves it again or discards it. */
  readonly refusal?: Refusal;
}

export type Entry =
  | (Base & { readonly kind: "open" })
  | (Base & { readonly kind: "cell"; readonly cell: CellId; readonly mark: Mark; readonly version: number | null })
  | (Base & { readonly kind: "comment"; readonly text: string; readonly version: number | null })
  | (Base & { readonly kind: "time"; readonly activeMs: number; readonly idleMs: number; readonly guidesMs: number })
  | (Base & { readonly kind: "submit" });

export type Outbox = readonly Entry[];

type Without<T> = T extends unknown ? Omit<T, "seq" | "tried"> : never;
export type NewEntry = Without<Entry>;

/** Adds an entry; one for the same thing that was never sent, or was refused, gives way to it. */
export function add(before: Outbox, entry: NewEntry): Outbox {
  const seq = Math.max(0, ...before.map((other) => other.seq)) + 1;
  const added = { ...entry, seq, tried: false } as Entry;
  const outbox = before.filter((other) => !(isRefused(other) && other.kind !== "time" && sameThing(other, added)));
  const replaced = outbox.find((other) => !other.tried && sameThing(other, added));
  const others = outbox.filter((other) => other !== replaced);
  if (replaced === undefined) return [...others, unversionedBehind(others, added)];
  if (added.kind === "open" || added.kind === "submit") return outbox.length === before.length ? before : outbox;
  return [...others, unversionedBehind(others, merged(replaced, added))];
}

/** The next to send: the first, or the first of the reading whose submission was refused. */
export function next(outbox: Outbox, refused: string | null): Entry | null {
  const waiting = outbox.filter((entry) => !isRefused(entry));
  return waiting.find((entry) => refused === null || entry.reading === refused) ?? null;
}

export function isRefused(entry: Entry): boolean {
  return entry.refusal !== undefined;
}

export function tried(outbox: Outbox, id: string): Outbox {
  return outbox.map((entry) => (entry.id === id ? { ...entry, tried: true } : entry));
}

/** The entry is stored; a later one for the same thing continues from the version that came back. */
export function confirmed(outbox: Outbox, sent: Entry, version: number | null): Outbox {
  return outbox
    .filter((entry) => entry.id !== sent.id)
    .map((entry) => (versioned(entry) && sameThing(entry, sent) ? { ...entry, version } : entry));
}

/** Keeps what was refused: of several entries for the same thing the latest, which replaced the others. */
export function parked(outbox: Outbox, sent: Entry, refusal: Refusal): Outbox {
  const same = outbox.filter((entry) => entry.id === sent.id || (versioned(entry) && sameThing(entry, sent)));
  const earlier = outbox.filter((entry) => sent.kind === "time" && isRefused(entry) && sameThing(entry, sent));
  const latest = same.at(-1);
  if (latest === undefined) return outbox;
  const whole = earlier.reduce((entry, other) => merged(other, entry), latest);
  const version = refusal.version ?? (versioned(sent) ? sent.version : null);
  const kept = { ...whole, refusal, ...(versioned(latest) ? { version } : {}) } as Entry;
  return outbox
    .filter((entry) => entry === latest || !(same.includes(entry) || earlier.includes(entry)))
    .map((entry) => (entry === latest ? kept : entry));
}

/** A stale comment, to be sent again with the text of the other window above it. */
export function rebased(outbox: Outbox, sent: Entry, theirs: { text: string; version: number }, id: string): Outbox {
  const same = outbox.filter((entry) => entry.kind === "comment" && sameThing(entry, sent));
  const latest = same.at(-1);
  if (latest?.kind !== "comment") return outbox;
  const text = combined(theirs.text, latest.text);
  const again: Entry = { ...latest, id, text, version: theirs.version, tried: false };
  return outbox
    .filter((entry) => entry === latest || !same.includes(entry))
    .map((entry) => (entry === latest ? again : entry));
}

/** A refused entry goes out again, as a new change. */
export function again(outbox: Outbox, id: string, newId: string): Outbox {
  return outbox.map((entry) => {
    if (entry.id !== id) return entry;
    const { refusal, ...rest } = entry;
    return refusal === undefined ? entry : ({ ...rest, id: newId, tried: false } as Entry);
  });
}

/** Without these entries: the server has them, they hold nothing of the reader's, or the reader discarded them. */
export function without(outbox: Outbox, ids: readonly string[]): Outbox {
  return outbox.filter((entry) => !ids.includes(entry.id));
}

/** What a reader would miss. Openings hold nothing, and times count only once they were refused. */
export function unsentEntries(outbox: Outbox): Entry[] {
  return outbox.filter((entry) => isRefused(entry) || (entry.kind !== "time" && entry.kind !== "open"));
}

export function unsent(outbox: Outbox): number {
  return unsentEntries(outbox).length;
}

function sameThing(a: Entry, b: Entry): boolean {
  if (a.reading !== b.reading || a.kind !== b.kind) return false;
  return a.kind !== "cell" || (b.kind === "cell" && a.cell === b.cell);
}

function versioned(entry: Entry): entry is Entry & { kind: "cell" | "comment" } {
  return entry.kind === "cell" || entry.kind === "comment";
}

function merged(before: Entry, after: Entry): Entry {
  if (before.kind === "time" && after.kind === "time") {
    return {
      ...after,
      activeMs: before.activeMs + after.activeMs,
      idleMs: before.idleMs + after.idleMs,
      guidesMs: before.guidesMs + after.guidesMs,
    };
  }
  if (versioned(before) && versioned(after)) return { ...after, version: before.version };
  return after;
}

/** Behind one that is on its way the version is not known yet. */
function unversionedBehind(outbox: Outbox, entry: Entry): Entry {
  const waits = versioned(entry) && outbox.some((other) => other.tried && sameThing(other, entry));
  return waits ? { ...entry, version: null } : entry;
}

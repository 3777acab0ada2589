/** What was not yet confirmed by the server, in the order of sending. Pure; outboxstore.ts keeps it. */

import type { CellId } from "./contract";
import type { Mark } from "./session";

interface Base {
  /** The change_id: repeated sending has one effect. */
  readonly id: string;
  readonly seq: number;
  readonly reading: string;
  /** Set before the first sending: from then on the server may know it. */
  readonly tried: boolean;
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

/** Adds an entry; one for the same thing that was never sent gives way to it. */
export function add(outbox: Outbox, entry: NewEntry): Outbox {
  const seq = (outbox.at(-1)?.seq ?? 0) + 1;
  const added = { ...entry, seq, tried: false } as Entry;
  const replaced = outbox.find((other) => !other.tried && sameThing(other, added));
  const others = outbox.filter((other) => other !== replaced);
  if (replaced === undefined) return [...others, unversionedBehind(others, added)];
  if (added.kind === "open" || added.kind === "submit") return outbox;
  return [...others, unversionedBehind(others, merged(replaced, added))];
}

/** The next to send: the first, or the first of the reading whose submission was refused. */
export function next(outbox: Outbox, refused: string | null): Entry | null {
  const waiting = refused === null ? outbox : outbox.filter((entry) => entry.reading === refused);
  return waiting[0] ?? null;
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

/** The entry and everything for the same thing behind it is given up. */
export function givenUp(outbox: Outbox, sent: Entry): Outbox {
  return outbox.filter((entry) => entry.id !== sent.id && !(versioned(entry) && sameThing(entry, sent)));
}

/** What a reader would miss: times and openings are not told. */
export function unsent(outbox: Outbox): number {
  return outbox.filter((entry) => entry.kind !== "time" && entry.kind !== "open").length;
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

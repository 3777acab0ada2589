/**
 * Keeps a study's outbox on this computer, one item an entry, so that two tabs never overwrite each
 * other, and what one study does not take never stands before what another one would.
 */

import { unsent } from "./outbox";
import type { Entry, Outbox } from "./outbox";

export interface Shelf {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const ROOT = "verteread/outbox/";

/** Unsent entries on this device that this page does not send. */
export interface Elsewhere {
  readonly otherPeople: number;
  readonly otherStudies: number;
}

export class OutboxStore {
  private readonly reader: string;
  private readonly prefix: string;

  constructor(
    private readonly shelf: Shelf | null,
    reader: string,
    study: string,
  ) {
    this.reader = `${ROOT}${reader}/`;
    this.prefix = `${this.reader}${study}/`;
  }

  /** What other people, and this reader in other studies, have not sent yet. */
  elsewhere(): Elsewhere {
    const others = this.keys(ROOT).filter((key) => !key.startsWith(this.prefix) && this.counts(key));
    const otherStudies = others.filter((key) => key.startsWith(this.reader)).length;
    return { otherPeople: others.length - otherStudies, otherStudies };
  }

  /** What an earlier page, or another tab, has left. */
  load(): Outbox {
    const entries: Entry[] = [];
    for (const key of this.keys(this.prefix)) {
      const entry = parsed(this.shelf?.getItem(key) ?? "");
      if (entry !== null) entries.push(entry);
    }
    return entries.sort((a, b) => a.seq - b.seq);
  }

  /** Writes what changed. False when the computer keeps nothing (private window, full disk). */
  save(before: Outbox, after: Outbox): boolean {
    if (this.shelf === null) return false;
    try {
      for (const entry of after) {
        if (!before.includes(entry)) this.shelf.setItem(this.prefix + entry.id, JSON.stringify(entry));
      }
      const kept = new Set(after.map((entry) => entry.id));
      for (const entry of before) {
        if (!kept.has(entry.id)) this.shelf.removeItem(this.prefix + entry.id);
      }
      return true;
    } catch {
      return false;
    }
  }

  private counts(key: string): boolean {
    const entry = parsed(this.shelf?.getItem(key) ?? "");
    return entry !== null && unsent([entry]) > 0;
  }

  private keys(prefix: string): string[] {
    const shelf = this.shelf;
    if (shelf === null) return [];
    const all = Array.from({ length: shelf.length }, (_, i) => shelf.key(i) ?? "");
    return all.filter((key) => key.startsWith(prefix));
  }
}

/** The browser's local storage, or null where it is forbidden. */
export function localShelf(): Shelf | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function parsed(text: string): Entry | null {
  try {
    return JSON.parse(text) as Entry;
  } catch {
    return null;
  }
}

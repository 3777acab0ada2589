/**
 * Keeps a study's outbox on this computer, one item an entry, so that two tabs never overwrite each
 * other, and what one study does not take never stands before what another one would.
 */

import type { Entry, Outbox } from "./outbox";

export interface Shelf {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export class OutboxStore {
  private readonly prefix: string;

  constructor(
    private readonly shelf: Shelf | null,
    reader: string,
    study: string,
  ) {
    this.prefix = `verteread/outbox/${reader}/${study}/`;
  }

  /** What an earlier page, or another tab, has left. */
  load(): Outbox {
    const entries: Entry[] = [];
    for (const key of this.keys()) {
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

  private keys(): string[] {
    const shelf = this.shelf;
    if (shelf === null) return [];
    const all = Array.from({ length: shelf.length }, (_, i) => shelf.key(i) ?? "");
    return all.filter((key) => key.startsWith(this.prefix));
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

/**
 * Stores the outbox of a study in the browser, one item per entry, so that two tabs never overwrite each
 * other and a rejected entry of one study never blocks another study.
 */

import { countUnsent } from "./outbox";
import type { Entry, Outbox } from "./outbox";

export interface KeyValueStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const KEY_PREFIX = "verteread/outbox/";

/** Numbers of unsent entries on this device that this page does not send. */
export interface OtherEntries {
  readonly otherPeople: number;
  readonly otherStudies: number;
}

export class OutboxStore {
  private readonly reader: string;
  private readonly prefix: string;

  constructor(
    private readonly storage: KeyValueStorage | null,
    reader: string,
    study: string,
  ) {
    this.reader = `${KEY_PREFIX}${reader}/`;
    this.prefix = `${this.reader}${study}/`;
  }

  /** Count the unsent entries of other people, and of this reader in other studies. */
  countOthers(): OtherEntries {
    const others = this.keys(KEY_PREFIX).filter((key) => !key.startsWith(this.prefix) && this.isUnsent(key));
    const otherStudies = others.filter((key) => key.startsWith(this.reader)).length;
    return { otherPeople: others.length - otherStudies, otherStudies };
  }

  /** Load the entries of earlier pages and other tabs. */
  load(): Outbox {
    const entries: Entry[] = [];
    for (const key of this.keys(this.prefix)) {
      // An item that cannot be parsed is skipped, so that it does not block the others.
      const entry = parseEntry(this.storage?.getItem(key) ?? "");
      if (entry !== null) entries.push(entry);
    }
    return entries.sort((a, b) => a.seq - b.seq);
  }

  /** Write the changes. Returns false when the browser cannot store data (private window, storage full). */
  save(before: Outbox, after: Outbox): boolean {
    if (this.storage === null) return false;
    try {
      for (const entry of after) {
        // Entries are immutable, so an unchanged one is the same object.
        if (!before.includes(entry)) this.storage.setItem(this.prefix + entry.id, JSON.stringify(entry));
      }
      const ids = new Set(after.map((entry) => entry.id));
      for (const entry of before) {
        if (!ids.has(entry.id)) this.storage.removeItem(this.prefix + entry.id);
      }
      return true;
    } catch {
      return false;
    }
  }

  private isUnsent(key: string): boolean {
    const entry = parseEntry(this.storage?.getItem(key) ?? "");
    return entry !== null && countUnsent([entry]) > 0;
  }

  private keys(prefix: string): string[] {
    const storage = this.storage;
    if (storage === null) return [];
    const all = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "");
    return all.filter((key) => key.startsWith(prefix));
  }
}

/** Return the browser's local storage, or null where it is blocked. */
export function browserStorage(): KeyValueStorage | null {
  try {
    // Reading the property throws where cookies are blocked.
    return window.localStorage;
  } catch {
    return null;
  }
}

function parseEntry(text: string): Entry | null {
  try {
    return JSON.parse(text) as Entry;
  } catch {
    return null;
  }
}

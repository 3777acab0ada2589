/** Readings with their pixels and guides, fetched before they are needed. */

import type { Stored } from "../../viewer/windowlut";
import type { Guides, Reading } from "../contract";

export interface Source {
  reading(id: string): Promise<Reading>;
  pixels(reading: Reading): Promise<Stored>;
  guides(id: string): Promise<Guides>;
}

export interface Prepared {
  readonly reading: Reading;
  readonly values: Stored;
  readonly guides: Guides | null;
}

export class Queue {
  private readonly prepared = new Map<string, Promise<Prepared>>();

  constructor(private readonly source: Source) {}

  /** Fetches ahead; a failure is forgotten, so that the real need tries again. */
  prepare(id: string, known: Reading | null = null): Promise<Prepared> {
    const before = this.prepared.get(id);
    if (before !== undefined) return before;
    const fetching = this.fetch(id, known);
    this.prepared.set(id, fetching);
    fetching.catch(() => this.prepared.delete(id));
    return fetching;
  }

  /** Keeps only these readings in memory. */
  keep(ids: readonly string[]): void {
    for (const id of this.prepared.keys()) {
      if (!ids.includes(id)) this.prepared.delete(id);
    }
  }

  private async fetch(id: string, known: Reading | null): Promise<Prepared> {
    const reading = known ?? (await this.source.reading(id));
    const [values, guides] = await Promise.all([
      this.source.pixels(reading),
      reading.guides_allowed ? this.source.guides(id) : null,
    ]);
    return { reading, values, guides };
  }
}

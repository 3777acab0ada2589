/** Cache of readings with their pixels and guides, so that the next reading opens without delay. */

import type { PixelValues } from "../../viewer/windowlut";
import type { Guides, Reading } from "../contract";

export interface ReadingSource {
  fetchReading(id: string): Promise<Reading>;
  fetchPixels(fetchReading: Reading): Promise<PixelValues>;
  fetchGuides(id: string): Promise<Guides>;
}

export interface LoadedReading {
  readonly reading: Reading;
  readonly values: PixelValues;
  readonly guides: Guides | null;
}

export class ReadingCache {
  private readonly loaded = new Map<string, Promise<LoadedReading>>();

  constructor(private readonly source: ReadingSource) {}

  /** Load a reading, or return it from the cache. Failures are not cached, so that a later call tries again. */
  load(id: string, known: Reading | null = null): Promise<LoadedReading> {
    const cached = this.loaded.get(id);
    if (cached !== undefined) return cached;
    const pending = this.fetch(id, known);
    // The promise is cached, so that two callers share one request.
    this.loaded.set(id, pending);
    pending.catch(() => this.loaded.delete(id));
    return pending;
  }

  /** Keep only these readings in memory. */
  retain(ids: readonly string[]): void {
    for (const id of this.loaded.keys()) {
      if (!ids.includes(id)) this.loaded.delete(id);
    }
  }

  private async fetch(id: string, known: Reading | null): Promise<LoadedReading> {
    const reading = known ?? (await this.source.fetchReading(id));
    const [values, guides] = await Promise.all([
      this.source.fetchPixels(reading),
      reading.guides_allowed ? this.source.fetchGuides(id) : null,
    ]);
    return { reading, values, guides };
  }
}

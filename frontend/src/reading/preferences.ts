/** What a person has chosen: keys, windows by scanner, strength of the guides. */

import { changesOf, withChanges } from "../keys";
import type { Bindings } from "../keys";
import type { Window } from "../viewer/window";
import type { Preferences } from "./contract";

interface Source {
  preferences(): Promise<Preferences>;
  savePreferences(preferences: Preferences): Promise<unknown>;
}

const SAVE_AFTER_MS = 1_000;
const MOST_SCANNERS = 30;

export class Choices {
  keys: Bindings = withChanges(null);
  guideStrength = 1;
  private windows = new Map<string, Window>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly source: Source) {}

  /** Reading goes on with the defaults when the choices cannot be fetched. */
  async load(): Promise<void> {
    try {
      const found = await this.source.preferences();
      this.keys = withChanges(found.keys);
      this.windows = new Map(Object.entries(found.windows ?? {}));
      this.guideStrength = found.guide_strength ?? 1;
    } catch {
      this.keys = withChanges(null);
    }
  }

  windowFor(scanner: string): Window | null {
    return this.windows.get(scanner) ?? null;
  }

  setWindow(scanner: string, window: Window): void {
    this.windows.delete(scanner);
    this.windows.set(scanner, window);
    this.windows = new Map([...this.windows].slice(-MOST_SCANNERS));
    this.saveSoon();
  }

  setKeys(keys: Bindings): void {
    this.keys = keys;
    this.saveSoon();
  }

  setGuideStrength(share: number): void {
    this.guideStrength = share;
    this.saveSoon();
  }

  private saveSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const preferences = {
        keys: changesOf(this.keys),
        windows: Object.fromEntries(this.windows),
        guide_strength: this.guideStrength,
      };
      this.source.savePreferences(preferences).catch(() => undefined);
    }, SAVE_AFTER_MS);
  }
}

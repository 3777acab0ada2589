/** A reader's preferences: keys, window for each scanner, guide opacity, and whether the view is kept. */

import { changedBindings, mergeBindings } from "../keys";
import type { Bindings } from "../keys";
import type { Window } from "../viewer/window";
import type { Preferences } from "./contract";

interface PreferenceStore {
  fetchPreferences(): Promise<Preferences>;
  savePreferences(fetchPreferences: Preferences): Promise<unknown>;
}

const SAVE_DELAY_MS = 1_000;
/** Windows are kept for this many scanners, the most recently used ones. */
const MAX_SCANNERS = 30;

export class ReaderPreferences {
  keys: Bindings = mergeBindings(null);
  guideStrength = 1;
  keepView = false;
  private windows = new Map<string, Window>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly store: PreferenceStore) {}

  /** Load the saved preferences; reading continues with the defaults when they cannot be loaded. */
  async load(): Promise<void> {
    try {
      const saved = await this.store.fetchPreferences();
      this.keys = mergeBindings(saved.keys);
      this.windows = new Map(Object.entries(saved.windows ?? {}));
      this.guideStrength = saved.guide_strength ?? 1;
      this.keepView = saved.keep_view ?? false;
    } catch {
      this.keys = mergeBindings(null);
    }
  }

  windowFor(scanner: string): Window | null {
    return this.windows.get(scanner) ?? null;
  }

  setWindow(scanner: string, window: Window): void {
    // Deleted first, because a Map keeps the place of a key that is set again.
    this.windows.delete(scanner);
    this.windows.set(scanner, window);
    this.windows = new Map([...this.windows].slice(-MAX_SCANNERS));
    this.scheduleSave();
  }

  setKeys(keys: Bindings): void {
    this.keys = keys;
    this.scheduleSave();
  }

  setGuideStrength(strength: number): void {
    this.guideStrength = strength;
    this.scheduleSave();
  }

  setKeepView(keep: boolean): void {
    this.keepView = keep;
    this.scheduleSave();
  }

  private scheduleSave(): void {
    clearTimeout(this.timer);
    // A slider sends many values; only the last one is saved.
    this.timer = setTimeout(() => {
      const preferences = {
        keys: changedBindings(this.keys),
        windows: Object.fromEntries(this.windows),
        guide_strength: this.guideStrength,
        keep_view: this.keepView,
      };
      this.store.savePreferences(preferences).catch(() => undefined);
    }, SAVE_DELAY_MS);
  }
}

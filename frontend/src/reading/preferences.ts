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
  private loaded = false;
  /** What the reader has changed before the saved preferences arrived. */
  private readonly changed = new Set<"keys" | "guideStrength" | "keepView">();
  private saving: Promise<void> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly store: PreferenceStore) {}

  /** Load the saved preferences; reading continues with the defaults when they cannot be loaded. */
  async load(): Promise<void> {
    try {
      this.adopt(await this.store.fetchPreferences());
    } catch {
      // They are requested again before anything is saved.
    }
  }

  windowFor(scanner: string): Window | null {
    return this.windows.get(scanner) ?? null;
  }

  setWindow(scanner: string, window: Window): void {
    this.setWindows([...this.windows, [scanner, window]]);
    this.scheduleSave();
  }

  setKeys(keys: Bindings): void {
    this.keys = keys;
    this.changed.add("keys");
    this.scheduleSave();
  }

  setGuideStrength(strength: number): void {
    this.guideStrength = strength;
    this.changed.add("guideStrength");
    this.scheduleSave();
  }

  setKeepView(keep: boolean): void {
    this.keepView = keep;
    this.changed.add("keepView");
    this.scheduleSave();
  }

  /** Adopt the saved preferences, except what the reader has changed meanwhile. */
  private adopt(saved: Preferences): void {
    const { changed } = this;
    this.loaded = true;
    if (!changed.has("keys")) this.keys = mergeBindings(saved.keys);
    this.setWindows([...Object.entries(saved.windows ?? {}), ...this.windows]);
    if (!changed.has("guideStrength")) this.guideStrength = saved.guide_strength ?? 1;
    if (!changed.has("keepView")) this.keepView = saved.keep_view ?? false;
  }

  /** Keep the most recently used windows, which are the last ones. */
  private setWindows(windows: readonly (readonly [string, Window])[]): void {
    const latest = new Map<string, Window>();
    for (const [scanner, window] of windows) {
      // Deleted first, because a Map keeps the place of a key that is set again.
      latest.delete(scanner);
      latest.set(scanner, window);
    }
    this.windows = new Map([...latest].slice(-MAX_SCANNERS));
  }

  private scheduleSave(): void {
    clearTimeout(this.timer);
    // A slider sends many values; only the last one is saved.
    this.timer = setTimeout(() => { this.saving = this.saving.then(() => this.save()); }, SAVE_DELAY_MS);
  }

  /** Save all preferences, one request after the other, so that an earlier one does not arrive last. */
  private async save(): Promise<void> {
    // Without the stored ones, keys and windows of other scanners would be lost.
    if (!this.loaded) await this.load();
    if (!this.loaded) return;
    const preferences = {
      keys: changedBindings(this.keys),
      windows: Object.fromEntries(this.windows),
      guide_strength: this.guideStrength,
      keep_view: this.keepView,
    };
    await this.store.savePreferences(preferences).catch(() => undefined);
  }
}

/**
 * Time on task, in milliseconds. A gap between two inputs counts as active when it lasts at most 60 s with the
 * tab visible and the image shown. Longer gaps, and time with the tab hidden, count as idle. A pause is neither.
 */

export const MAX_ACTIVE_GAP_MS = 60_000;

export interface TimeSpent {
  readonly activeMs: number;
  readonly idleMs: number;
  readonly guidesMs: number;
}

const NO_TIME: TimeSpent = { activeMs: 0, idleMs: 0, guidesMs: 0 };

export class ActivityClock {
  private since: number | null = null;
  private visible = true;
  private guides = false;
  private spent: TimeSpent = NO_TIME;

  /** Start counting when the image is shown. */
  start(now: number): void {
    this.since = now;
    this.spent = NO_TIME;
  }

  /** Record a key press, pointer movement or wheel turn. */
  recordActivity(now: number): void {
    this.countGap(now);
  }

  setVisible(visible: boolean, now: number): void {
    this.countGap(now);
    this.visible = visible;
  }

  setGuidesShown(shown: boolean, now: number): void {
    this.countGap(now);
    this.guides = shown;
  }

  /** Stop counting, for a pause or because the image is closed. */
  stop(now: number): void {
    this.countGap(now);
    this.since = null;
  }

  resume(now: number): void {
    // Resuming twice must not discard the time since the first call.
    this.since ??= now;
  }

  /** Return the time since the last call, and reset it. */
  takeTime(): TimeSpent {
    const spent = this.spent;
    this.spent = NO_TIME;
    return spent;
  }

  private countGap(now: number): void {
    if (this.since === null) return;
    const gap = Math.max(0, now - this.since);
    this.since = now;
    const active = this.visible && gap <= MAX_ACTIVE_GAP_MS;
    this.spent = {
      activeMs: this.spent.activeMs + (active ? gap : 0),
      idleMs: this.spent.idleMs + (active ? 0 : gap),
      guidesMs: this.spent.guidesMs + (active && this.guides ? gap : 0),
    };
  }
}

/**
 * Time on task. A gap between two signs of life counts as active when it lasts at most 60 s with the
 * tab visible and the image shown; longer gaps, and time with the tab hidden, are idle. A pause is neither.
 */

export const LONGEST_ACTIVE_GAP_MS = 60_000;

export interface Spent {
  readonly activeMs: number;
  readonly idleMs: number;
  readonly guidesMs: number;
}

const NOTHING: Spent = { activeMs: 0, idleMs: 0, guidesMs: 0 };

export class Clock {
  private since: number | null = null;
  private visible = true;
  private guides = false;
  private spent: Spent = NOTHING;

  /** The image is shown: time begins. */
  start(now: number): void {
    this.since = now;
    this.spent = NOTHING;
  }

  /** A key, a pointer, a wheel. */
  sign(now: number): void {
    this.settle(now);
  }

  setVisible(visible: boolean, now: number): void {
    this.settle(now);
    this.visible = visible;
  }

  setGuides(shown: boolean, now: number): void {
    this.settle(now);
    this.guides = shown;
  }

  /** A pause, or the image goes: nothing is counted until resume or start. */
  stop(now: number): void {
    this.settle(now);
    this.since = null;
  }

  resume(now: number): void {
    this.since ??= now;
  }

  /** What was spent since the last call. */
  take(): Spent {
    const spent = this.spent;
    this.spent = NOTHING;
    return spent;
  }

  private settle(now: number): void {
    if (this.since === null) return;
    const gap = Math.max(0, now - this.since);
    this.since = now;
    const active = this.visible && gap <= LONGEST_ACTIVE_GAP_MS;
    this.spent = {
      activeMs: this.spent.activeMs + (active ? gap : 0),
      idleMs: this.spent.idleMs + (active ? 0 : gap),
      guidesMs: this.spent.guidesMs + (active && this.guides ? gap : 0),
    };
  }
}

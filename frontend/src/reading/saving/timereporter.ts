/** Measures the time on the current reading and posts it to the outbox, with how the image was displayed. */

import { newId } from "../ids";
import type { ViewReport } from "../view/viewlog";
import { ActivityClock } from "./activityclock";
import type { NewEntry } from "./outbox";

const SEND_INTERVAL_MS = 30_000;

export class TimeReporter {
  private readonly clock = new ActivityClock();
  private reading: string | null = null;

  constructor(
    private readonly post: (entry: NewEntry) => void,
    private readonly takeView: () => ViewReport | null = () => null,
  ) {
    setInterval(() => { this.send(); }, SEND_INTERVAL_MS);
  }

  start(reading: string): void {
    this.reading = reading;
    this.clock.start(performance.now());
  }

  /** Stop the clock and report, for a pause or because the image is closed. */
  stop(): void {
    this.clock.stop(performance.now());
    this.send();
  }

  resume(): void {
    this.clock.resume(performance.now());
  }

  recordActivity(): void {
    this.clock.recordActivity(performance.now());
  }

  setVisible(visible: boolean): void {
    this.clock.setVisible(visible, performance.now());
    // A hidden tab may be discarded without another event.
    if (!visible) this.send();
  }

  setGuidesShown(shown: boolean): void {
    this.clock.setGuidesShown(shown, performance.now());
  }

  private send(): void {
    const spent = this.clock.takeTime();
    if (this.reading === null || spent.activeMs + spent.idleMs < 1) return;
    const view = this.takeView();
    this.post({ kind: "time", id: newId(), reading: this.reading, ...spent, ...(view === null ? {} : { view }) });
  }
}

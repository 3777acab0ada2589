/** The clock of the reading on the screen, and the sending of what it has measured. */

import { newId } from "../../ids";
import { Clock } from "./activityclock";
import type { NewEntry } from "./outbox";

const SEND_EVERY_MS = 30_000;

export class TimeSheet {
  private readonly clock = new Clock();
  private reading: string | null = null;

  constructor(private readonly post: (entry: NewEntry) => void) {
    setInterval(() => { this.send(); }, SEND_EVERY_MS);
  }

  start(reading: string): void {
    this.reading = reading;
    this.clock.start(performance.now());
  }

  /** A pause, or the image goes. */
  stop(): void {
    this.clock.stop(performance.now());
    this.send();
  }

  resume(): void {
    this.clock.resume(performance.now());
  }

  sign(): void {
    this.clock.sign(performance.now());
  }

  seen(visible: boolean): void {
    this.clock.setVisible(visible, performance.now());
    if (!visible) this.send();
  }

  guides(shown: boolean): void {
    this.clock.setGuides(shown, performance.now());
  }

  private send(): void {
    const spent = this.clock.take();
    if (this.reading === null || spent.activeMs + spent.idleMs < 1) return;
    this.post({ kind: "time", id: newId(), reading: this.reading, ...spent });
  }
}

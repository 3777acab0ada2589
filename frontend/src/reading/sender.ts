/** Sends the outbox, one entry after the other, and tries again for as long as it takes. */

import { ApiError } from "../api";
import { versionIn } from "./calls";
import { add, confirmed, givenUp, next, tried, unsent } from "./outbox";
import type { Entry, NewEntry, Outbox } from "./outbox";
import type { OutboxStore } from "./outboxstore";

export type Light = "saved" | "saving" | "kept" | "signed-out" | "waiting" | "unkept";

export interface SenderEvents {
  light(light: Light, reason: string): void;
  confirmed(entry: Entry, answer: unknown): void;
  /** The server will not take this entry; it is out of the outbox. */
  refused(entry: Entry, error: ApiError): void;
}

/** Refusals that end when a coordinator opens the study again: what was scored is kept until then. */
const LATER = ["study_closed"];
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export class Sender {
  private outbox: Outbox;
  private running = false;
  private kept = true;
  private failures = 0;
  private trouble: { light: Light; reason: string } | null = null;
  private submitRefused: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private idle: (() => void)[] = [];

  constructor(
    private readonly transport: (entry: Entry) => Promise<unknown>,
    private readonly store: OutboxStore,
    private readonly events: SenderEvents,
  ) {
    this.outbox = store.load();
  }

  get entries(): Outbox {
    return this.outbox;
  }

  /** How many scores, comments and submissions the server does not have yet. */
  get unsent(): number {
    return unsent(this.outbox);
  }

  add(entry: NewEntry): void {
    this.update(add(this.outbox, entry));
    void this.run();
  }

  /** Tries at once: the line is back, the person signed in again, the page was opened. */
  retry(): void {
    clearTimeout(this.timer);
    void this.run();
  }

  /** Resolves when nothing is left to send, or when sending has stopped for now. */
  settled(): Promise<void> {
    if (!this.running) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.show();
    try {
      for (let entry = this.upcoming(); entry !== null; entry = this.upcoming()) {
        if (!(await this.sendOne(entry))) break;
      }
    } finally {
      this.running = false;
      this.show();
      for (const resolve of this.idle.splice(0)) resolve();
    }
  }

  private upcoming(): Entry | null {
    return next(this.outbox, this.submitRefused);
  }

  /** False when sending must wait. */
  private async sendOne(entry: Entry): Promise<boolean> {
    this.update(tried(this.outbox, entry.id));
    try {
      const answer = await this.transport(entry);
      this.failures = 0;
      this.trouble = null;
      if (entry.kind === "submit") this.submitRefused = null;
      this.update(confirmed(this.outbox, entry, versionIn(entry, answer)));
      this.events.confirmed(entry, answer);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.fail(entry, error);
    }
  }

  private fail(entry: Entry, error: ApiError): boolean {
    if (error.signedOut) return this.wait("signed-out", error.message);
    if (error.passing) return this.wait("kept", error.message);
    if (LATER.includes(error.code)) return this.wait("waiting", error.message);
    this.update(givenUp(this.outbox, entry));
    // Only there the reader has to go on with the same case.
    if (entry.kind === "submit" && error.code === "incomplete") this.submitRefused = entry.reading;
    this.trouble = null;
    this.events.refused(entry, error);
    return true;
  }

  private wait(light: Light, reason: string): false {
    this.trouble = { light, reason };
    const delay = Math.min(FIRST_WAIT_MS * 2 ** this.failures, LONGEST_WAIT_MS);
    this.failures += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.retry(); }, delay);
    return false;
  }

  private update(outbox: Outbox): void {
    this.kept = this.store.save(this.outbox, outbox);
    this.outbox = outbox;
    this.show();
  }

  private show(): void {
    if (this.unsent === 0) this.events.light("saved", "");
    else if (this.trouble !== null && !this.kept) this.events.light("unkept", this.trouble.reason);
    else if (this.trouble !== null) this.events.light(this.trouble.light, this.trouble.reason);
    else this.events.light("saving", "");
  }
}

/** Sends the outbox, one entry after the other, and tries again for as long as it takes. */

import { ApiError } from "../../api";
import { newId } from "../../ids";
import { cellIn, versionIn } from "./calls";
import { add, again, confirmed, isRefused, next, parked, rebased, tried, unsent, unsentEntries, without } from "./outbox";
import type { Entry, NewEntry, Outbox } from "./outbox";
import type { OutboxStore } from "./outboxstore";

export type Light =
  | "saved" | "saving" | "offline" | "unavailable" | "signed-out" | "other-user" | "denied" | "waiting" | "unkept"
  | "behind" | "refused";

export interface SenderEvents {
  light(light: Light, reason: string): void;
  confirmed(entry: Entry, answer: unknown): void;
  /** The server did not store this entry. What it holds of the reader's is kept. */
  refused(entry: Entry, error: ApiError): void;
}

export interface Transport {
  send(entry: Entry): Promise<unknown>;
  /** Succeeds while the reader is the one who is signed in on this browser. */
  check(): Promise<unknown>;
}

/** Refusals that end when a coordinator opens the study again: what was scored is kept until then. */
const LATER = ["study_closed"];
/** Refusals after which the reading cannot be changed any more; its submission need not wait. */
const OVER = ["study_locked", "case_excluded", "submitted"];
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
    private readonly transport: Transport,
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

  /** What the reader can save again or discard: all of it while the server denies access. */
  get stuck(): Entry[] {
    const all = unsentEntries(this.outbox);
    return this.trouble?.light === "denied" ? all : all.filter(isRefused);
  }

  /** Sends what was refused once more. */
  saveAgain(): void {
    const refused = this.outbox.filter(isRefused);
    this.update(refused.reduce((outbox, entry) => again(outbox, entry.id, newId()), this.outbox));
    this.retry();
  }

  /** The reader has agreed that these entries are deleted. */
  discard(entries: readonly Entry[]): void {
    this.update(without(this.outbox, entries.map((entry) => entry.id)));
    this.retry();
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

  /** The server's current reading: changes of others need not wait for a submission of another one. */
  turnTo(reading: string | null): void {
    if (this.submitRefused === reading) return;
    this.submitRefused = null;
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
      if (this.trouble?.light === "other-user" && !(await this.isReader())) return;
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
      const answer = await this.transport.send(entry);
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

  /** Nothing is sent while another person is signed in on this browser. */
  private async isReader(): Promise<boolean> {
    try {
      await this.transport.check();
      this.trouble = null;
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.wait(lightOf(error) ?? "unavailable", error.message);
    }
  }

  private fail(entry: Entry, error: ApiError): boolean {
    const light = lightOf(error);
    if (light !== null) return this.wait(light, error.message);
    this.trouble = null;
    this.update(this.afterRefusal(entry, error));
    this.events.refused(entry, error);
    return true;
  }

  /** Only a request that holds nothing of the reader's leaves the outbox. */
  private afterRefusal(entry: Entry, error: ApiError): Outbox {
    if (entry.kind === "open") return without(this.outbox, [entry.id]);
    if (entry.kind === "submit" && error.code === "incomplete") {
      this.submitRefused = entry.reading;
      return without(this.outbox, [entry.id]);
    }
    const theirs = error.body as { comment?: string; comment_version?: number } | null;
    if (entry.kind === "comment" && error.code === "stale" && theirs?.comment_version !== undefined) {
      return rebased(this.outbox, entry, { text: theirs.comment ?? "", version: theirs.comment_version }, newId());
    }
    const version = cellIn(error.body)?.version ?? null;
    const outbox = parked(this.outbox, entry, { code: error.code, message: error.message, version });
    const open = (entry.kind === "cell" || entry.kind === "comment") && !OVER.includes(error.code);
    return open ? this.withoutSubmission(outbox, entry.reading) : outbox;
  }

  /** The reader looks at the reading again before it is submitted. Other readings wait until then. */
  private withoutSubmission(outbox: Outbox, reading: string): Outbox {
    const submissions = outbox.filter((entry) => entry.kind === "submit" && entry.reading === reading);
    if (submissions.length > 0) this.submitRefused = reading;
    return without(outbox, submissions.map((entry) => entry.id));
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
    else if (this.upcoming() !== null) this.events.light("saving", "");
    else this.events.light(this.outbox.every(isRefused) ? "refused" : "behind", "");
  }
}

/** What the reader waits for; null if the server has refused the entry for good. */
function lightOf(error: ApiError): Light | null {
  if (error.otherUser) return "other-user";
  if (error.signedOut) return "signed-out";
  if (error.status === 403 || error.status === 404) return "denied";
  if (error.status === 0) return "offline";
  if (LATER.includes(error.code)) return "waiting";
  // Without a code the answer came from something between the browser and the server.
  return error.passing || error.code === "" ? "unavailable" : null;
}

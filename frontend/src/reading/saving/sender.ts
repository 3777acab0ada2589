/** Sends the outbox one entry at a time, in order, and retries until each entry is stored or rejected. */

import { ApiError } from "../../api";
import { newId } from "../ids";
import { storedCell, storedComment, storedMeasurement, storedVersion } from "./readingapi";
import { addEntry, requeueEntry, confirmEntry, isRejected, nextEntry, parkEntry, rebaseComment, markTried, countUnsent, unsentEntries, removeEntries } from "./outbox";
import type { Entry, NewEntry, Outbox } from "./outbox";
import type { OutboxStore } from "./outboxstore";

export type SaveStatus =
  | "saved" | "saving" | "offline" | "unavailable" | "server-error" | "signed-out" | "other-user" | "denied" | "waiting" | "not-stored"
  | "behind" | "rejected" | "instructions";

export interface SenderEvents {
  statusChanged(statusChanged: SaveStatus, reason: string): void;
  confirmed(entry: Entry, response: unknown): void;
  /** The server rejected this entry. Data of the reader in it is kept on this device. */
  rejected(entry: Entry, error: ApiError): void;
}

/** An error with the status it leads to; null if the server has finally rejected the entry. */
interface Refusal {
  readonly error: ApiError;
  readonly status: SaveStatus | null;
}

export interface Transport {
  sendEntry(entry: Entry): Promise<unknown>;
  /** Succeeds while this reader is signed in on the browser. */
  checkReader(): Promise<unknown>;
  /** Succeeds while the reader may read in the study of the entries. */
  checkAccess(): Promise<unknown>;
}

/** Errors that end when a coordinator reopens the study; entries are kept until then. */
const RETRY_LATER_CODES = ["study_closed"];
/** Errors after which the reading can no longer be changed, so that its submission need not wait. */
const FINAL_CODES = ["study_locked", "case_excluded", "submitted", "not_found"];
const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;

export class Sender {
  private outbox: Outbox;
  private running = false;
  private isStored = true;
  private failures = 0;
  private problem: { status: SaveStatus; reason: string } | null = null;
  private rejectedSubmission: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private idleCallbacks: (() => void)[] = [];

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

  /** Number of scores, comments and submissions that the server has not stored yet. */
  get unsent(): number {
    return countUnsent(this.outbox);
  }

  /** Entries that the reader can save again or discard; all of them while the server denies access. */
  get unresolved(): Entry[] {
    const all = unsentEntries(this.outbox);
    return this.problem?.status === "denied" ? all : all.filter(isRejected);
  }

  /** Send all rejected entries again. */
  saveAgain(): void {
    const rejected = this.outbox.filter(isRejected);
    this.setOutbox(rejected.reduce((outbox, entry) => requeueEntry(outbox, entry.id, newId()), this.outbox));
    this.retry();
  }

  /** Delete entries; the reader has confirmed this. */
  discard(entries: readonly Entry[]): void {
    this.setOutbox(removeEntries(this.outbox, entries.map((entry) => entry.id)));
    this.retry();
  }

  add(entry: NewEntry): void {
    this.setOutbox(addEntry(this.outbox, entry));
    void this.sendAll();
  }

  /** Try again at once, after a reconnection, a sign-in or a page load. */
  retry(): void {
    clearTimeout(this.timer);
    void this.sendAll();
  }

  /** Set the server's current reading; other readings no longer wait for a rejected submission of a different one. */
  setCurrentReading(reading: string | null): void {
    if (this.rejectedSubmission === reading) return;
    this.rejectedSubmission = null;
    void this.sendAll();
  }

  /** Resolve when nothing is left to send, or when sending has paused. */
  whenIdle(): Promise<void> {
    if (!this.running) return Promise.resolve();
    return new Promise((resolve) => this.idleCallbacks.push(resolve));
  }

  private async sendAll(): Promise<void> {
    // One loop at a time: entries must arrive in their order.
    if (this.running) return;
    this.running = true;
    this.reportStatus();
    try {
      // Checked without data of the reader, which must not reach the other person's session.
      if (this.problem?.status === "other-user" && !(await this.checkSignedIn())) return;
      for (let entry = this.nextToSend(); entry !== null; entry = this.nextToSend()) {
        if (!(await this.sendOne(entry))) break;
      }
    } finally {
      this.running = false;
      this.reportStatus();
      for (const resolve of this.idleCallbacks.splice(0)) resolve();
    }
  }

  private nextToSend(): Entry | null {
    return nextEntry(this.outbox, this.rejectedSubmission);
  }

  /** Send one entry; returns false when sending must pause. */
  private async sendOne(entry: Entry): Promise<boolean> {
    // Stored before it is sent: a page that ends meanwhile sends it again under the same id.
    this.setOutbox(markTried(this.outbox, entry.id));
    try {
      const response = await this.transport.sendEntry(entry);
      this.failures = 0;
      this.problem = null;
      if (entry.kind === "submit") this.rejectedSubmission = null;
      this.setOutbox(confirmEntry(this.outbox, entry, storedVersion(entry, response)));
      this.events.confirmed(entry, response);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.handleError(entry, await this.explain(error));
    }
  }

  /** Return the error of an entry, or of the access to the study where that is why the reading was not found. */
  private async explain(error: ApiError): Promise<Refusal> {
    const refusal = { error, status: statusForError(error) };
    // Only the server's own answer, not that of something in between.
    if (error.status !== 404 || error.code !== "not_found") return refusal;
    try {
      await this.transport.checkAccess();
      // Only this reading is gone, such as that of a practice round that was finished elsewhere.
      return { error, status: null };
    } catch (reason) {
      if (!(reason instanceof ApiError)) throw reason;
      return reason.status === 404 ? refusal : { error: reason, status: statusForError(reason) ?? "unavailable" };
    }
  }

  /** Return whether this reader is signed in; nothing is sent in another person's session. */
  private async checkSignedIn(): Promise<boolean> {
    try {
      await this.transport.checkReader();
      this.problem = null;
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.retryLater(statusForError(error) ?? "unavailable", error.message);
    }
  }

  private handleError(entry: Entry, { error, status }: Refusal): boolean {
    if (status !== null) {
      // The room shows the new instructions; the entries are sent when the reader has read them.
      if (status === "instructions" && this.problem?.status !== status) this.events.rejected(entry, error);
      return this.retryLater(status, error.requestId === "" ? error.message : `Request ID ${error.requestId}`);
    }
    this.problem = null;
    this.setOutbox(this.afterRejection(entry, error));
    this.events.rejected(entry, error);
    return true;
  }

  /** Return the outbox after a rejection; only entries without data of the reader are removed. */
  private afterRejection(entry: Entry, error: ApiError): Outbox {
    if (entry.kind === "open") return removeEntries(this.outbox, [entry.id]);
    if (entry.kind === "submit" && error.code === "incomplete") {
      this.rejectedSubmission = entry.reading;
      return removeEntries(this.outbox, [entry.id]);
    }
    const stored = storedComment(error.body);
    if (entry.kind === "comment" && error.code === "stale" && stored.comment_version !== undefined) {
      return rebaseComment(this.outbox, entry, { text: stored.comment ?? "", version: stored.comment_version }, newId());
    }
    const version = (storedCell(error.body) ?? storedMeasurement(error.body))?.version ?? null;
    const outbox = parkEntry(this.outbox, entry, { code: error.code, message: error.message, version });
    const open = ["cell", "comment", "traces"].includes(entry.kind) && !FINAL_CODES.includes(error.code);
    return open ? this.withoutSubmission(outbox, entry.reading) : outbox;
  }

  /** Withdraw the submission, so that the reader checks the reading again. Other readings wait until then. */
  private withoutSubmission(outbox: Outbox, reading: string): Outbox {
    const submissions = outbox.filter((entry) => entry.kind === "submit" && entry.reading === reading);
    if (submissions.length > 0) this.rejectedSubmission = reading;
    return removeEntries(outbox, submissions.map((entry) => entry.id));
  }

  private retryLater(status: SaveStatus, reason: string): false {
    this.problem = { status, reason };
    // Doubled with each failure, so that many readers do not overload a server that comes back.
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.failures, MAX_DELAY_MS);
    this.failures += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.retry(); }, delay);
    return false;
  }

  private setOutbox(outbox: Outbox): void {
    this.isStored = this.store.save(this.outbox, outbox);
    this.outbox = outbox;
    this.reportStatus();
  }

  private reportStatus(): void {
    if (this.unsent === 0) this.events.statusChanged("saved", "");
    else if (this.problem !== null && !this.isStored) this.events.statusChanged("not-stored", this.problem.reason);
    else if (this.problem !== null) this.events.statusChanged(this.problem.status, this.problem.reason);
    else if (this.nextToSend() !== null) this.events.statusChanged("saving", "");
    else this.events.statusChanged(this.outbox.every(isRejected) ? "rejected" : "behind", "");
  }
}

/** Return the status for an error that may pass; null if the server has finally rejected the entry. */
function statusForError(error: ApiError): SaveStatus | null {
  if (error.isOtherUser) return "other-user";
  if (error.isSignedOut) return "signed-out";
  // Kept, because membership or account may be reactivated.
  if (error.status === 403 || error.status === 404) return "denied";
  if (error.status === 0) return "offline";
  if (RETRY_LATER_CODES.includes(error.code)) return "waiting";
  if (error.code === "internal_error") return "server-error";
  if (error.code === "instructions") return "instructions";
  // A response without a code came from something between browser and server, such as a proxy.
  return error.isTransient || error.code === "" ? "unavailable" : null;
}

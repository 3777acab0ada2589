/**
 * Sends files one per request, at most two at a time. A failed transfer is repeated, except for a file that
 * the server has received completely and may still be processing.
 */

import { ApiError } from "../api";
import type { SelectedFile } from "./selectedfiles";

export type TransferState = "waiting" | "sending" | "checking" | "busy" | "retrying" | "unanswered" | "failed" | "done";

export interface Transfer {
  readonly key: number;
  readonly file: SelectedFile;
  readonly site: string;
  state: TransferState;
  sentShare: number;
  problem: string;
  /** Start of the last attempt, in ms since 1970. */
  startedAt: number;
  /** Whether sending the file again may succeed. */
  retryable: boolean;
}

export type Send<R> = (transfer: Transfer, onProgress: (sentShare: number) => void) => Promise<R>;

export interface TransferEvents<R> {
  changed(transfer: Transfer): void;
  done(transfer: Transfer, result: R): void;
}

// As many as a server that serves pages too receives at once (VERTEREAD_UPLOAD_SLOTS).
const MAX_PARALLEL = 2;
const MAX_ATTEMPTS = 4;
const STORAGE_FULL_STATUS = 507;
const FIRST_DELAY_MS = 2_000;
/** A proxy in front of the server stopped waiting for its response (504 gateway timeout, 524 at Cloudflare). */
const GATEWAY_TIMEOUTS = [504, 524];
/** A connection that breaks this long after the file was sent had been waiting for the response. */
const MIN_RESPONSE_WAIT_MS = 30_000;
const UNANSWERED =
  "The server received the file but did not respond in time. It may still be processing the file, and the result then appears in this list. Send the file again only if no result appears.";
/** Code of the server when it already receives as many files as it can; it has read nothing of this one. */
const BUSY = "busy";
const BUSY_DELAY_MS = 10_000;

export class Transfers<R> {
  readonly all: Transfer[] = [];
  private running = 0;
  private lastKey = 0;

  constructor(
    private readonly send: Send<R>,
    private readonly events: TransferEvents<R>,
  ) {}

  add(file: readonly SelectedFile[], site: string): void {
    for (const one of file) {
      this.lastKey += 1;
      const { problem: refusal } = one;
      const state = refusal === null ? "waiting" : "failed";
      const retryable = refusal === null;
      const transfer: Transfer = { key: this.lastKey, file: one, site, state, sentShare: 0, problem: refusal ?? "", startedAt: 0, retryable };
      this.all.push(transfer);
      this.events.changed(transfer);
    }
    this.startNext();
  }

  retry(transfer: Transfer): void {
    transfer.problem = "";
    this.setState(transfer, "waiting", 0);
    this.startNext();
  }

  /** Remove a transfer that is not in progress. */
  remove(transfer: Transfer): void {
    const index = this.all.indexOf(transfer);
    if (index >= 0 && !isMoving(transfer)) this.all.splice(index, 1);
  }

  withState(state: TransferState): Transfer[] {
    return this.all.filter((transfer) => transfer.state === state);
  }

  /** Transfers in progress. */
  get moving(): Transfer[] {
    return this.all.filter(isMoving);
  }

  /** Transfers that ended without a result and wait for the person to act. */
  get stopped(): Transfer[] {
    return this.all.filter(isStopped);
  }

  private startNext(): void {
    while (this.running < MAX_PARALLEL) {
      const next = this.all.find(({ state }) => state === "waiting");
      if (next === undefined) return;
      this.running += 1;
      next.startedAt = Date.now();
      this.setState(next, "sending", 0);
      void this.run(next).finally(() => {
        this.running -= 1;
        this.startNext();
      });
    }
  }

  private async run(transfer: Transfer): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      let sentAt = Infinity;
      try {
        const result = await this.send(transfer, (sentShare) => {
          // Progress may report the end more than once.
          if (sentShare >= 1) sentAt = Math.min(sentAt, Date.now());
          this.setState(transfer, sentShare < 1 ? "sending" : "checking", sentShare);
        });
        this.setState(transfer, "done", 1);
        this.events.done(transfer, result);
        return;
      } catch (error) {
        if (error instanceof ApiError && error.code === BUSY) {
          // The server has read nothing, so waiting for it does not count as an attempt.
          attempt -= 1;
          this.setState(transfer, BUSY, 0);
          await delay(BUSY_DELAY_MS);
          this.setState(transfer, "sending", 0);
          continue;
        }
        if (mayStillBeProcessed(error, Date.now() - sentAt)) {
          transfer.problem = UNANSWERED;
          this.setState(transfer, "unanswered", 1);
          return;
        }
        transfer.problem = error instanceof Error ? error.message : String(error);
        // Other errors come from the file itself, such as a damaged archive, and would recur.
        transfer.retryable = error instanceof ApiError;
        // Storage stays full for longer than these attempts take, and each would send the whole file.
        const isTransient = error instanceof ApiError && error.isTransient && error.status !== STORAGE_FULL_STATUS;
        if (!isTransient || attempt === MAX_ATTEMPTS) {
          this.setState(transfer, "failed", 0);
          return;
        }
        this.setState(transfer, "retrying", 0);
        await delay(FIRST_DELAY_MS * 2 ** (attempt - 1));
        this.setState(transfer, "sending", 0);
      }
    }
  }

  private setState(transfer: Transfer, state: TransferState, sentShare: number): void {
    transfer.state = state;
    transfer.sentShare = sentShare;
    this.events.changed(transfer);
  }
}

function isMoving(transfer: Transfer): boolean {
  return transfer.state !== "done" && !isStopped(transfer);
}

export function isStopped({ state }: Transfer): boolean {
  return state === "failed" || state === "unanswered";
}

/** Return whether the server received the whole file, `waitedMs` ago, and only its response is missing. */
function mayStillBeProcessed(error: unknown, waitedMs: number): boolean {
  if (!(error instanceof ApiError)) return false;
  return GATEWAY_TIMEOUTS.includes(error.status) || (error.status === 0 && waitedMs >= MIN_RESPONSE_WAIT_MS);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

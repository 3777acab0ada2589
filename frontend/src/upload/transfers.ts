/**
 * Sends files, at most three at a time, each by itself. What fails on the way is sent again, but not
 * a file that the server has received whole and may still be working on.
 */

import { ApiError } from "../api";
import type { Found } from "./droppedfiles";

export type TransferState = "waiting" | "sending" | "checking" | "busy" | "retrying" | "unanswered" | "failed" | "done";

export interface Transfer {
  readonly key: number;
  readonly found: Found;
  readonly site: string;
  state: TransferState;
  share: number;
  problem: string;
  /** When it was last begun, in ms since 1970. */
  begunAt: number;
  /** Whether trying again could help. */
  retryable: boolean;
}

export type Send<R> = (transfer: Transfer, onProgress: (share: number) => void) => Promise<R>;

export interface TransferEvents<R> {
  changed(transfer: Transfer): void;
  done(transfer: Transfer, result: R): void;
}

const AT_ONCE = 3;
const TRIES = 4;
const NO_SPACE = 507;
const FIRST_WAIT_MS = 2_000;
/** A proxy in front of the server stopped waiting for its answer. */
const GATEWAY_TIMEOUTS = [504, 524];
/** A connection that breaks this long after the whole file was sent was waiting for the answer. */
const ANSWER_PATIENCE_MS = 30_000;
const UNANSWERED =
  "The server received the file but did not answer in time. It may still be working on it: its result then appears in this list. Send the file again only if none appears.";
/** A server that receives as many files as it can has read nothing of this one: it waits its turn. */
const BUSY = "busy";
const BUSY_WAIT_MS = 10_000;

export class Transfers<R> {
  readonly all: Transfer[] = [];
  private running = 0;
  private lastKey = 0;

  constructor(
    private readonly send: Send<R>,
    private readonly events: TransferEvents<R>,
  ) {}

  add(found: readonly Found[], site: string): void {
    for (const one of found) {
      this.lastKey += 1;
      const { refusal } = one;
      const state = refusal === null ? "waiting" : "failed";
      const retryable = refusal === null;
      const transfer: Transfer = { key: this.lastKey, found: one, site, state, share: 0, problem: refusal ?? "", begunAt: 0, retryable };
      this.all.push(transfer);
      this.events.changed(transfer);
    }
    this.pump();
  }

  again(transfer: Transfer): void {
    transfer.problem = "";
    this.set(transfer, "waiting", 0);
    this.pump();
  }

  /** Drops one that is not on its way. */
  forget(transfer: Transfer): void {
    const index = this.all.indexOf(transfer);
    if (index >= 0 && !isMoving(transfer)) this.all.splice(index, 1);
  }

  in(state: TransferState): Transfer[] {
    return this.all.filter((transfer) => transfer.state === state);
  }

  /** How many are still on their way. */
  get unfinished(): number {
    return this.all.filter(isMoving).length;
  }

  private pump(): void {
    while (this.running < AT_ONCE) {
      const next = this.all.find(({ state }) => state === "waiting");
      if (next === undefined) return;
      this.running += 1;
      next.begunAt = Date.now();
      this.set(next, "sending", 0);
      void this.run(next).finally(() => {
        this.running -= 1;
        this.pump();
      });
    }
  }

  private async run(transfer: Transfer): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      let sentAt = Infinity;
      try {
        const result = await this.send(transfer, (share) => {
          if (share >= 1) sentAt = Math.min(sentAt, Date.now());
          this.set(transfer, share < 1 ? "sending" : "checking", share);
        });
        this.set(transfer, "done", 1);
        this.events.done(transfer, result);
        return;
      } catch (error) {
        if (error instanceof ApiError && error.code === BUSY) {
          attempt -= 1;
          this.set(transfer, BUSY, 0);
          await pause(BUSY_WAIT_MS);
          this.set(transfer, "sending", 0);
          continue;
        }
        if (mayStillWork(error, Date.now() - sentAt)) {
          transfer.problem = UNANSWERED;
          this.set(transfer, "unanswered", 1);
          return;
        }
        transfer.problem = error instanceof Error ? error.message : String(error);
        transfer.retryable = error instanceof ApiError;
        // A full disk stays full for longer than these tries take, and each sends the whole file.
        const passing = error instanceof ApiError && error.passing && error.status !== NO_SPACE;
        if (!passing || attempt === TRIES) {
          this.set(transfer, "failed", 0);
          return;
        }
        this.set(transfer, "retrying", 0);
        await pause(FIRST_WAIT_MS * 2 ** (attempt - 1));
        this.set(transfer, "sending", 0);
      }
    }
  }

  private set(transfer: Transfer, state: TransferState, share: number): void {
    transfer.state = state;
    transfer.share = share;
    this.events.changed(transfer);
  }
}

function isMoving({ state }: Transfer): boolean {
  return state !== "done" && state !== "failed" && state !== "unanswered";
}

/** Whether the server has the whole file, `waitedMs` ago, and only its answer did not arrive. */
function mayStillWork(error: unknown, waitedMs: number): boolean {
  if (!(error instanceof ApiError)) return false;
  return GATEWAY_TIMEOUTS.includes(error.status) || (error.status === 0 && waitedMs >= ANSWER_PATIENCE_MS);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Sends files, at most three at a time, each by itself; what fails on the way is tried again. */

import { ApiError } from "../api";
import type { Found } from "./droppedfiles";

export type TransferState = "waiting" | "sending" | "checking" | "retrying" | "failed" | "done";

export interface Transfer {
  readonly key: number;
  readonly found: Found;
  readonly site: string;
  state: TransferState;
  share: number;
  problem: string;
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
      const transfer: Transfer = { key: this.lastKey, found: one, site, state: "waiting", share: 0, problem: "" };
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

  /** How many are still on their way. */
  get unfinished(): number {
    return this.all.filter(({ state }) => state !== "done" && state !== "failed").length;
  }

  private pump(): void {
    while (this.running < AT_ONCE) {
      const next = this.all.find(({ state }) => state === "waiting");
      if (next === undefined) return;
      this.running += 1;
      this.set(next, "sending", 0);
      void this.run(next).finally(() => {
        this.running -= 1;
        this.pump();
      });
    }
  }

  private async run(transfer: Transfer): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await this.send(transfer, (share) => {
          this.set(transfer, share < 1 ? "sending" : "checking", share);
        });
        this.set(transfer, "done", 1);
        this.events.done(transfer, result);
        return;
      } catch (error) {
        transfer.problem = error instanceof Error ? error.message : String(error);
        // A full disk stays full for longer than these tries take, and each sends the whole file.
        const passing = error instanceof ApiError && error.passing && error.status !== NO_SPACE;
        if (!passing || attempt === TRIES) {
          this.set(transfer, "failed", 0);
          return;
        }
        this.set(transfer, "retrying", 0);
        await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** (attempt - 1)));
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

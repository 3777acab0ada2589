/** Shows the parts of the instructions that the server requires before the next case, and records their acknowledgement. */

import { ApiError, getJson, sendJson } from "../../api";
import type { Announcement } from "../../schema";
import { pendingParts } from "./contract";
import type { InstructionPart, Instructions } from "./contract";
import { showInstructions, showInstructionsWhenLoaded } from "./dialog";

export class InstructionGate {
  private instructions: Promise<Instructions> | null = null;
  private isOpen = false;
  private acknowledging: Promise<boolean> | null = null;

  constructor(private readonly address: string) {}

  /**
   * Show these parts in turn; resolves when each is acknowledged in its current version.
   *
   * A change of period is announced with the last part; returns whether it was.
   */
  acknowledge(parts: readonly string[], announcement: Announcement | null = null): Promise<boolean> {
    // A second request while the dialog is open waits for the same answer.
    this.acknowledging ??= this.showParts(parts, announcement).finally(() => { this.acknowledging = null; });
    return this.acknowledging;
  }

  private async showParts(parts: readonly string[], announcement: Announcement | null): Promise<boolean> {
    // The server asks because there may be a newer version than the one that was loaded.
    this.instructions = null;
    // Until nothing is pending: a coordinator may save a new version while the reader reads the old one.
    for (let announced = false; ; ) {
      const instructions = await this.load();
      const [pending, another] = pendingParts(instructions, parts);
      if (pending === undefined) return announced;
      const last = another === undefined;
      await showInstructions(instructions, { tabs: [pending.part], acknowledge: pending, announcement: last ? announcement : null });
      announced = last && announcement !== null;
      await this.send(instructions, pending);
    }
  }

  /** Show the instructions, the part of the arm first, with the scoring guide. */
  async open(arm: string | null): Promise<void> {
    if (this.isOpen) return;
    this.isOpen = true;
    try {
      await showInstructionsWhenLoaded(this.load(), [arm ?? "", "study"]);
    } finally {
      this.isOpen = false;
    }
  }

  private load(): Promise<Instructions> {
    this.instructions ??= getJson<Instructions>(this.address);
    // A failed request is repeated the next time.
    this.instructions.catch(() => { this.instructions = null; });
    return this.instructions;
  }

  private async send(instructions: Instructions, { part }: InstructionPart): Promise<void> {
    try {
      const body = { version: instructions.version, part };
      const { acknowledged } = await sendJson<{ acknowledged: string[] }>("POST", `${this.address}/acknowledge`, body);
      this.instructions = Promise.resolve({ ...instructions, acknowledged });
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "stale") throw error;
      // A newer version was saved meanwhile: it is loaded and shown.
      this.instructions = null;
    }
  }
}

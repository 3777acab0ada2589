/** Shows the parts of the instructions that the server requires before the next case, and records their acknowledgement. */

import { ApiError, getJson, sendJson } from "../../api";
import { pendingParts } from "./contract";
import type { InstructionPart, Instructions } from "./contract";
import { showInstructions } from "./dialog";

export class InstructionGate {
  private instructions: Promise<Instructions> | null = null;
  private isOpen = false;
  private acknowledging: Promise<void> | null = null;

  constructor(private readonly address: string) {}

  /** Show these parts in turn; resolves when each is acknowledged in its current version. */
  acknowledge(parts: readonly string[]): Promise<void> {
    // A second request while the dialog is open waits for the same answer.
    this.acknowledging ??= this.showParts(parts).finally(() => { this.acknowledging = null; });
    return this.acknowledging;
  }

  private async showParts(parts: readonly string[]): Promise<void> {
    // The server asks because there may be a newer version than the one that was loaded.
    this.instructions = null;
    for (;;) {
      const instructions = await this.load();
      const [pending] = pendingParts(instructions, parts);
      if (pending === undefined) return;
      await showInstructions(instructions, { tab: pending.part, acknowledge: pending });
      await this.send(instructions, pending);
    }
  }

  /** Show the instructions, the part of the arm first, with the scoring guide. */
  async open(arm: string | null): Promise<void> {
    if (this.isOpen) return;
    this.isOpen = true;
    try {
      const instructions = await this.load();
      const parts = instructions.parts.map(({ part }) => part);
      const tab = [arm ?? "", "study"].find((part) => parts.includes(part)) ?? "guide";
      await showInstructions(instructions, { tab, acknowledge: null });
    } catch {
      // Without a connection the case stays on the screen, and the key works again later.
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

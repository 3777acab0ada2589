/** What a reader sees before a reading of the study: a break reminder, a change of period, and instructions. */

import { ApiError, sendJson } from "../../api";
import type { Announcement, PeriodAcknowledged } from "../../schema";
import type { Reading, ReadingOverview } from "../contract";
import type { InstructionGate } from "../instructions/gate";
import { announcementContent, announcementTitle, startLabel } from "./announcement";
import type { BreakReminder } from "./breakreminder";
import { showNotice } from "./notice";

export class BeforeReading {
  private inProgress: { readonly reading: string; readonly done: Promise<void> } | null = null;

  constructor(
    private readonly address: string,
    private readonly gate: InstructionGate,
    private readonly reminder: BreakReminder,
    /** Called when something is announced: meanwhile, the panel must not show the previous reading. */
    private readonly clearPanel: () => void,
  ) {}

  /** Resolve when the reading may be shown. A second call for the same reading waits for the first one. */
  prepare(reading: Reading, overview: ReadingOverview | null): Promise<void> {
    if (this.inProgress?.reading === reading.id) return this.inProgress.done;
    const done = this.run(reading, overview).finally(() => { this.inProgress = null; });
    this.inProgress = { reading: reading.id, done };
    return done;
  }

  private async run(reading: Reading, overview: ReadingOverview | null): Promise<void> {
    const current = overview?.current?.id === reading.id ? overview : null;
    if (current?.break_due === true) this.reminder.setDue(true);
    // Never in the middle of a reading: one that is open was interrupted.
    if (reading.state === "waiting") await this.reminder.show();
    const announcement = current?.announcement ?? null;
    if (announcement !== null) this.clearPanel();
    if (announcement === null) return;
    await this.announce(announcement);
    await this.acknowledge(announcement);
  }

  /** Show parts of the instructions, with a change of period; resolves when both are acknowledged. */
  async acknowledgeInstructions(parts: readonly string[], announcement: Announcement | null): Promise<void> {
    if (announcement !== null) this.clearPanel();
    const announced = await this.gate.acknowledge(parts, announcement);
    if (announced && announcement !== null) await this.acknowledge(announcement);
  }

  private announce(announcement: Announcement): Promise<void> {
    return showNotice({
      title: announcementTitle(announcement),
      content: [announcementContent(announcement)],
      confirmLabel: startLabel(announcement),
      others: [{ label: "Open instructions", run: () => { void this.gate.open(announcement.arm); } }],
      dismissible: false,
    });
  }

  private async acknowledge({ period }: Announcement): Promise<void> {
    try {
      await sendJson<PeriodAcknowledged>("POST", this.address, { period });
    } catch (error) {
      // Another window has moved on: the server refuses to open this reading, and the room requests the next one.
      if (!(error instanceof ApiError) || error.code !== "nothing_to_acknowledge") throw error;
    }
  }
}

/** Reminds the reader of a break between two readings; the server decides when, and counts. */

import { el } from "../../dom";
import { sendJson } from "../../api";
import type { BreakReminder as Answer } from "../../schema";
import { showNotice } from "./notice";

/** A slow connection must not keep the next case from the reader. */
const ANSWER_WAIT_MS = 5_000;

export class BreakReminder {
  private due = false;

  constructor(
    private readonly address: string,
    private readonly leave: () => void,
    private readonly clearPanel: () => void = () => undefined,
  ) {}

  setDue(due: boolean): void {
    this.due = due;
  }

  /** Show the reminder if one is due; resolves when the reader continues. */
  async show(): Promise<void> {
    if (!this.due) return;
    this.due = false;
    const minutes = await this.claim();
    if (minutes === null) return;
    this.clearPanel();
    const time = minutes === 1 ? "1 minute" : `${String(minutes)} minutes`;
    const text = `You have been reading for ${time} without a pause of at least 5 minutes. Reading time is not being recorded now.`;
    await showNotice({
      title: "Time for a break?",
      content: [el("p", {}, text)],
      confirmLabel: "Continue reading",
      others: [{ label: "Go to my studies", run: this.leave }],
      dismissible: true,
    });
  }

  /** Return the minutes to show; null if another window has shown the reminder, or without a connection. */
  private async claim(): Promise<number | null> {
    const timeout = new Promise<null>((resolve) => { setTimeout(() => { resolve(null); }, ANSWER_WAIT_MS); });
    const answer = sendJson<Answer>("POST", this.address, {}).then(({ minutes }) => minutes, () => null);
    return Promise.race([answer, timeout]);
  }
}

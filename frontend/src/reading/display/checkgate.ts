/** Asks for the display check at the start of a reading session, if the study has one. */

import { getJson, sendJson } from "../../api";
import { newId } from "../ids";
import { showDisplayCheck } from "./checkdialog";
import type { Letters } from "./checkdialog";
import type { CheckResult, CheckStatus } from "./contract";

export class DisplayCheckGate {
  private done = false;
  private checking: Promise<void> | null = null;

  constructor(
    private readonly address: string,
    private readonly home: string,
  ) {}

  /** Resolve when no check is due, or when the reader has done or, if permitted, skipped it. */
  prepare(): Promise<void> {
    if (this.done) return Promise.resolve();
    // Several rejected entries may ask for the check, which is shown once.
    this.checking ??= this.check().finally(() => { this.checking = null; });
    return this.checking;
  }

  /** Ask again: the server refused to open a case, because another reading session has started. */
  repeat(): void {
    this.done = false;
  }

  private async check(): Promise<void> {
    const status = await getJson<CheckStatus>(this.address);
    if (status.due) await showDisplayCheck({ status, save: this.savingOnce(), home: this.home });
    this.done = true;
  }

  /** Return a function that stores letters; the same letters, sent again after an error, are stored once. */
  private savingOnce(): (letters: Letters) => Promise<CheckResult> {
    let sent = { text: "", id: "" };
    return (letters) => {
      const text = JSON.stringify(letters);
      if (text !== sent.text) sent = { text, id: newId() };
      const { innerWidth: width, innerHeight: height, devicePixelRatio: ratio } = window;
      return sendJson<CheckResult>("POST", this.address, {
        check_id: sent.id,
        ...letters,
        viewport_width: Math.max(1, Math.round(width)),
        viewport_height: Math.max(1, Math.round(height)),
        device_pixel_ratio: ratio || 1,
      });
    };
  }
}

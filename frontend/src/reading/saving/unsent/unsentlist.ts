/** The list of entries that the server did not store, which the reader can save again or discard. */

import { confirmInDialog } from "../../../dialog";
import { button, el } from "../../../dom";
import type { Entry } from "../outbox";
import { describeEntry, countText } from "./messages";

export interface UnsentListEvents {
  saveAgain(): void;
  discard(entries: readonly Entry[]): void;
  /** Return the id of the reading on the screen. */
  currentReading(): string | null;
}

export class UnsentList {
  private readonly count = el("span", {});
  private readonly countRow: HTMLElement;
  private readonly note = el("p", { class: "muted", hidden: true });
  private entries: readonly Entry[] = [];

  constructor(
    root: HTMLElement,
    private readonly events: UnsentListEvents,
  ) {
    const review = button("Review", () => { this.review(); });
    this.countRow = el("p", { class: "actions", hidden: true }, this.count, review);
    root.append(this.countRow, this.note);
  }

  show(entries: readonly Entry[]): void {
    this.entries = entries;
    this.countRow.hidden = entries.length === 0;
    this.count.textContent = countText(entries.length);
  }

  /** Show a permanent note. */
  setNote(text: string): void {
    this.note.textContent = text;
    this.note.hidden = text === "";
  }

  private review(): void {
    const { entries } = this;
    const title = countText(entries.length);
    const dialog = el("dialog", { "aria-label": title, onclose: () => { dialog.remove(); } });
    const closeThen = (act: () => void) => (): void => { dialog.close(); act(); };
    const actions = el(
      "div",
      { class: "actions" },
      button("Close", () => { dialog.close(); }),
      button("Discard\u2026", closeThen(() => void this.discard(entries)), { class: "danger" }),
      button("Save again", closeThen(() => { this.events.saveAgain(); }), { class: "primary" }),
    );
    const text = "The server has not stored the following entries. They are saved on this device only.";
    const list = el("ul", {}, ...entries.map((entry) => el("li", {}, describeWithReading(entry, this.events.currentReading()))));
    dialog.append(el("article", {}, el("h2", {}, title), el("p", {}, text), list, actions));
    document.body.append(dialog);
    dialog.showModal();
  }

  private async discard(entries: readonly Entry[]): Promise<void> {
    const listed = entries.map(describeEntry).join("; ");
    const text = `${listed}. They will be deleted from this device and cannot be recovered.`;
    const title = `Discard ${countText(entries.length)}`;
    if (await confirmInDialog({ title, text, confirmLabel: "Discard entries", danger: true })) this.events.discard(entries);
  }
}

function describeWithReading(entry: Entry, reading: string | null): string {
  const caseText = entry.reading === reading ? "This case" : "Another case";
  const rejectionText = entry.refusal === undefined ? "" : `. ${entry.refusal.message}`;
  return `${caseText}, ${describeEntry(entry)}${rejectionText}`;
}

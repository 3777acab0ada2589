/** Below the save indicator: entries that the server did not store, to save again or to discard. */

import { agree } from "../../../dialog";
import { button, el } from "../../../dom";
import type { Entry } from "../outbox";
import { contentOf, counted } from "./messages";

export interface ListEvents {
  saveAgain(): void;
  discard(entries: readonly Entry[]): void;
  /** The reading on the screen. */
  shown(): string | null;
}

export class UnsentList {
  private readonly count = el("span", {});
  private readonly line: HTMLElement;
  private readonly note = el("p", { class: "muted", hidden: true });
  private entries: readonly Entry[] = [];

  constructor(
    root: HTMLElement,
    private readonly events: ListEvents,
  ) {
    const review = button("Review", () => { this.review(); });
    this.line = el("p", { class: "actions", hidden: true }, this.count, review);
    root.append(this.line, this.note);
  }

  show(entries: readonly Entry[]): void {
    this.entries = entries;
    this.line.hidden = entries.length === 0;
    this.count.textContent = counted(entries.length);
  }

  /** A sentence that stays. */
  tell(words: string): void {
    this.note.textContent = words;
    this.note.hidden = words === "";
  }

  private review(): void {
    const { entries } = this;
    const title = counted(entries.length);
    const dialog = el("dialog", { "aria-label": title, onclose: () => { dialog.remove(); } });
    const closing = (act: () => void) => (): void => { dialog.close(); act(); };
    const actions = el(
      "div",
      { class: "actions" },
      button("Close", () => { dialog.close(); }),
      button("Discard\u2026", closing(() => void this.discard(entries)), { class: "danger" }),
      button("Save again", closing(() => { this.events.saveAgain(); }), { class: "primary" }),
    );
    const text = "The server has not stored the following. It is saved on this device only.";
    const list = el("ul", {}, ...entries.map((entry) => el("li", {}, lineOf(entry, this.events.shown()))));
    dialog.append(el("article", {}, el("h2", {}, title), el("p", {}, text), list, actions));
    document.body.append(dialog);
    dialog.showModal();
  }

  private async discard(entries: readonly Entry[]): Promise<void> {
    const listed = entries.map(contentOf).join("; ");
    const text = `${listed}. They will be deleted from this device and cannot be recovered.`;
    const title = `Discard ${counted(entries.length)}`;
    if (await agree({ title, text, yes: "Discard", danger: true })) this.events.discard(entries);
  }
}

function lineOf(entry: Entry, reading: string | null): string {
  const which = entry.reading === reading ? "This case" : "Another case";
  const why = entry.refusal === undefined ? "" : `. ${entry.refusal.message}`;
  return `${which}, ${contentOf(entry)}${why}`;
}

/** What lies over the lower part of the panel for a moment: the reason for "not readable", the comment. */

import { button, el } from "../dom";
import { digitOf } from "../keys";
import { combined, storable } from "../text";
import type { CellId, Reading } from "./contract";
import { nameOf } from "./session";

const OTHER = 6;

/** Asks why a cell cannot be read. The digit of a reason answers; Escape or x goes back. */
export class ReasonSheet {
  readonly root = el("div", { class: "sheet-over", hidden: true, role: "dialog", tabindex: -1, "aria-label": "Not readable" });
  private codes: Reading["validity_codes"] = [];
  private readonly words = el("input", { type: "text", maxlength: 200, "aria-label": "What else" });
  private done: ((code: number, reason: string) => void) | null = null;
  private before: Element | null = null;

  constructor(private readonly changed: () => void) {}

  get open(): boolean {
    return !this.root.hidden;
  }

  ask(id: CellId, codes: Reading["validity_codes"], done: (code: number, reason: string) => void): void {
    this.codes = codes;
    this.done = done;
    this.words.value = "";
    const other = el(
      "form",
      { class: "other", hidden: true, onsubmit: (event) => { event.preventDefault(); this.answer(OTHER); } },
      this.words,
      el("button", { type: "submit" }, "Save"),
    );
    this.root.replaceChildren(
      el("h2", {}, `Why can ${nameOf(id)} not be read?`),
      ...codes.map(({ code, label }) =>
        el(
          "button",
          { type: "button", class: "choice", onclick: () => { this.choose(code); } },
          el("kbd", {}, String(code)),
          label,
        ),
      ),
      other,
      button("Back", () => { this.close(); }, { class: "link" }),
    );
    this.before = document.activeElement;
    this.root.hidden = false;
    this.root.focus();
    this.changed();
  }

  /** While it is open every key press is for this sheet: true. */
  takes(event: KeyboardEvent): boolean {
    if (!this.open) return false;
    if (event.key === "Escape") this.close();
    if (event.target === this.words || ["Tab", "Enter", " "].includes(event.key)) return true;
    event.preventDefault();
    const digit = digitOf(event);
    if (digit !== null && this.codes.some(({ code }) => code === digit)) this.choose(digit);
    else if (event.key.toLowerCase() === "x") this.close();
    return true;
  }

  close(): void {
    if (!this.open) return;
    this.root.hidden = true;
    this.done = null;
    if (this.before instanceof HTMLElement) this.before.focus();
    this.changed();
  }

  private choose(code: number): void {
    const form = this.root.querySelector<HTMLFormElement>("form.other");
    if (code === OTHER && form?.hidden === true) {
      form.hidden = false;
      this.words.placeholder = "What? (may stay empty, Enter saves)";
      this.words.focus();
    } else {
      this.answer(code);
    }
  }

  private answer(code: number): void {
    const done = this.done;
    const reason = code === OTHER ? storable(this.words.value).trim() : "";
    this.words.blur();
    this.close();
    done?.(code, reason);
  }
}

const SAVE_AFTER_MS = 800;
const REMOVED = "A character that cannot be stored was removed from the comment.";

/** The comment on the whole reading; saved while it is typed. */
export class CommentSheet {
  readonly root = el("div", { class: "sheet-over", hidden: true, role: "dialog", "aria-label": "Comment" });
  private readonly text = el("textarea", { rows: 6, maxlength: 2000, "aria-label": "Comment on this case" });
  private timer: ReturnType<typeof setTimeout> | undefined;
  private last = "";
  private readonly removed = el("p", { role: "alert", hidden: true }, REMOVED);

  constructor(private readonly save: (text: string) => void) {
    this.root.append(
      el("h2", {}, "Comment on this case"),
      this.text,
      this.removed,
      el("p", { class: "muted" }, "Saved as you type. Escape goes back to the pad."),
      button("Done", () => { this.close(); }),
    );
    this.text.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => { this.flush(); }, SAVE_AFTER_MS);
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" || (event.key === "Enter" && event.ctrlKey)) {
        event.preventDefault();
        this.close();
      }
      event.stopPropagation();
    });
  }

  set(text: string): void {
    this.last = text;
    this.text.value = text;
  }

  /** The other window's text comes above what stands here, also above what was typed and not saved yet. */
  merge(theirs: string): void {
    const { value, selectionStart } = this.text;
    this.last = combined(theirs, this.last);
    this.text.value = combined(theirs, value);
    const caret = selectionStart + Math.max(0, this.text.value.length - value.length);
    this.text.setSelectionRange(caret, caret);
  }

  show(): void {
    this.root.hidden = false;
    this.text.focus();
  }

  close(): void {
    this.flush();
    this.text.blur();
    this.root.hidden = true;
  }

  /** Saves what was typed and not saved yet. */
  flush(): void {
    clearTimeout(this.timer);
    const text = storable(this.text.value);
    this.removed.hidden = text === this.text.value;
    if (text !== this.text.value) this.text.value = text;
    if (text === this.last) return;
    this.last = text;
    this.save(text);
  }
}

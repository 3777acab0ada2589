/** Dialogs over the lower part of the panel: reason for "not readable", and comment. */

import { button, el } from "../dom";
import { digitForKey, letterForKey } from "../keys";
import { mergeTexts, removeUnstorable } from "../text";
import type { CellId, Reading } from "./contract";
import { cellName } from "./padstate";

/** NHANES validity code for other reasons (DXXAAC_H codebook); the reader may add a text. */
const OTHER_REASON = 6;

/** Asks why a cell is not readable. The digit of a reason selects it; Escape or x cancels. */
export class ReasonDialog {
  readonly root = el("div", { class: "panel-dialog", hidden: true, role: "dialog", tabindex: -1, "aria-label": "Not readable" });
  private codes: Reading["validity_codes"] = [];
  private readonly reasonText = el("input", { type: "text", maxlength: 200, "aria-label": "Other reason" });
  private onAnswer: ((code: number, reason: string) => void) | null = null;
  private previousFocus: Element | null = null;

  constructor(private readonly onToggle: () => void) {}

  get isOpen(): boolean {
    return !this.root.hidden;
  }

  open(cellId: CellId, codes: Reading["validity_codes"], onAnswer: (code: number, reason: string) => void): void {
    this.codes = codes;
    this.onAnswer = onAnswer;
    this.reasonText.value = "";
    const otherForm = el(
      "form",
      { class: "other", hidden: true, onsubmit: (event) => { event.preventDefault(); this.answer(OTHER_REASON); } },
      this.reasonText,
      el("button", { type: "submit" }, "Save reason"),
    );
    this.root.replaceChildren(
      el("h2", {}, `Why is ${cellName(cellId)} not readable?`),
      ...codes.map(({ code, label }) =>
        el(
          "button",
          { type: "button", class: "choice", onclick: () => { this.choose(code); } },
          el("kbd", {}, String(code)),
          label,
        ),
      ),
      otherForm,
      button("Cancel", () => { this.close(); }, { class: "link" }),
    );
    // Kept, so that the keyboard continues where it was when the dialog closes.
    this.previousFocus = document.activeElement;
    this.root.hidden = false;
    this.root.focus();
    this.onToggle();
  }

  /** Handle a key press; returns true while the dialog is open, when no other handler may act on it. */
  handleKey(event: KeyboardEvent): boolean {
    if (!this.isOpen) return false;
    if (event.key === "Escape") this.close();
    // The text field gets its letters, and buttons keep the browser's keys.
    if (event.target === this.reasonText || ["Tab", "Enter", " "].includes(event.key)) return true;
    event.preventDefault();
    const digit = digitForKey(event);
    if (digit !== null && this.codes.some(({ code }) => code === digit)) this.choose(digit);
    else if (letterForKey(event) === "x") this.close();
    return true;
  }

  close(): void {
    if (!this.isOpen) return;
    this.root.hidden = true;
    this.onAnswer = null;
    if (this.previousFocus instanceof HTMLElement) this.previousFocus.focus();
    this.onToggle();
  }

  private choose(code: number): void {
    const form = this.root.querySelector<HTMLFormElement>("form.other");
    // The first press shows the text field, the second one saves without a text.
    if (code === OTHER_REASON && form?.hidden === true) {
      form.hidden = false;
      this.reasonText.placeholder = "Reason (optional)";
      this.reasonText.focus();
    } else {
      this.answer(code);
    }
  }

  private answer(code: number): void {
    // Taken before close(), which clears it.
    const onAnswer = this.onAnswer;
    const reason = code === OTHER_REASON ? removeUnstorable(this.reasonText.value).trim() : "";
    this.reasonText.blur();
    this.close();
    onAnswer?.(code, reason);
  }
}

const SAVE_DELAY_MS = 800;
const REMOVED_TEXT = "A character that cannot be stored was removed from the comment.";

/** The comment on the whole reading; it is saved while the reader types. */
export class CommentDialog {
  readonly root = el("div", { class: "panel-dialog", hidden: true, role: "dialog", "aria-label": "Comment" });
  private readonly text = el("textarea", { rows: 6, maxlength: 2000, "aria-label": "Comment on this case" });
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastSaved = "";
  private readonly removedNote = el("p", { role: "alert", hidden: true }, REMOVED_TEXT);

  constructor(private readonly save: (text: string) => void) {
    this.root.append(
      el("h2", {}, "Comment on this case"),
      this.text,
      this.removedNote,
      el("p", { class: "muted" }, "Saved as you type. Press Escape to return to the score pad."),
      button("Close comment", () => { this.close(); }),
    );
    this.text.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => { this.flush(); }, SAVE_DELAY_MS);
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" || (event.key === "Enter" && event.ctrlKey)) {
        event.preventDefault();
        this.close();
      }
      // Letters of the comment must not score cells.
      event.stopPropagation();
    });
  }

  set(text: string): void {
    this.lastSaved = text;
    this.text.value = text;
  }

  /** Insert the comment of another window above the current text, including text not saved yet. */
  merge(otherText: string): void {
    const { value, selectionStart } = this.text;
    this.lastSaved = mergeTexts(otherText, this.lastSaved);
    this.text.value = mergeTexts(otherText, value);
    // The caret stays behind the same character while text is inserted above it.
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

  /** Save text that has not been saved yet. */
  flush(): void {
    clearTimeout(this.timer);
    const text = removeUnstorable(this.text.value);
    this.removedNote.hidden = text === this.text.value;
    if (text !== this.text.value) this.text.value = text;
    // Each save is an entry of the outbox and a request.
    if (text === this.lastSaved) return;
    this.lastSaved = text;
    this.save(text);
  }
}

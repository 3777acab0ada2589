/** A dialog between two readings, which one key or button closes. */

import { button, el } from "../../dom";

interface NoticeButton {
  readonly label: string;
  readonly run: () => void;
}

interface Notice {
  readonly title: string;
  readonly content: readonly Node[];
  readonly confirmLabel: string;
  readonly others: readonly NoticeButton[];
  /** Whether Escape closes the notice as well. */
  readonly dismissible: boolean;
}

/** Show the notice; resolves when the reader closes it. */
export function showNotice({ title, content, confirmLabel, others, dismissible }: Notice): Promise<void> {
  return new Promise((resolve) => {
    const dialog = el("dialog", { class: "between", "aria-label": title });
    const confirm = button(confirmLabel, () => { dialog.close(); }, { class: "primary" });
    dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      ignoreSubmitKey(event);
    });
    dialog.addEventListener("cancel", (event) => { if (!dismissible) event.preventDefault(); });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    const actions = [...others.map(({ label, run }) => button(label, run)), confirm];
    dialog.append(el("article", {}, el("h2", {}, title), ...content, el("div", { class: "actions" }, ...actions)));
    document.body.append(dialog);
    dialog.showModal();
    confirm.focus();
  });
}

/** Keys still held down from submitting the previous reading must not close what is shown next. */
export function ignoreSubmitKey(event: KeyboardEvent): void {
  if (event.key === "Enter" && (event.repeat || event.ctrlKey || event.metaKey)) event.preventDefault();
}

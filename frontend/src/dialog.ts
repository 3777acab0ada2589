/** Asks in a dialog: yes or no, or for a few words. */

import { button, el } from "./dom";

interface Question {
  readonly title: string;
  readonly text?: string;
  readonly yes: string;
  readonly danger?: boolean;
}

/** True when the person agrees; Escape and Cancel are no. */
export async function agree(question: Question): Promise<boolean> {
  return (await ask(question, null)) !== null;
}

/** The words that were typed, or null when the person cancels. Empty words are not accepted. */
export async function askText(question: Question & { readonly label: string }): Promise<string | null> {
  const input = el("textarea", { id: "dialog-text", rows: 3, maxlength: 500, required: true });
  const field = el("div", { class: "field" }, el("label", { for: "dialog-text" }, question.label), input);
  return ask(question, { field, input });
}

interface Asked {
  readonly field: HTMLElement;
  readonly input: HTMLTextAreaElement;
}

function ask(question: Question, asked: Asked | null): Promise<string | null> {
  return new Promise((resolve) => {
    const dialog = el("dialog", { "aria-label": question.title });
    const close = (value: string | null): void => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const submit = (event: Event): void => {
      event.preventDefault();
      const text = asked?.input.value.trim() ?? "";
      if (asked !== null && text === "") asked.input.focus();
      else close(text);
    };
    const kind = question.danger === true ? "danger" : "primary";
    const form = el(
      "form",
      { method: "dialog", onsubmit: submit },
      asked?.field ?? null,
      el(
        "div",
        { class: "actions" },
        button("Cancel", () => { close(null); }),
        el("button", { type: "submit", class: kind }, question.yes),
      ),
    );
    const text = question.text === undefined ? null : el("p", {}, question.text);
    dialog.append(el("article", {}, el("h2", {}, question.title), text, form));
    dialog.addEventListener("cancel", () => { close(null); });
    document.body.append(dialog);
    dialog.showModal();
    asked?.input.focus();
  });
}

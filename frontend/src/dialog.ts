/** Modal dialogs that ask for confirmation or for a short text. */

import { button, el } from "./dom";

interface DialogText {
  readonly title: string;
  readonly text?: string;
  readonly confirmLabel: string;
  readonly danger?: boolean;
}

/** Return true when the person confirms; Escape and Cancel return false. */
export async function confirmInDialog(dialogText: DialogText): Promise<boolean> {
  return (await openDialog(dialogText, null)) !== null;
}

/** Return the text entered, or null when the person cancels. An empty text is not accepted. */
export async function promptForText(dialogText: DialogText & { readonly label: string }): Promise<string | null> {
  const input = el("textarea", { id: "dialog-text", rows: 3, maxlength: 500, required: true });
  const field = el("div", { class: "field" }, el("label", { for: "dialog-text" }, dialogText.label), input);
  return openDialog(dialogText, { field, input });
}

interface TextField {
  readonly field: HTMLElement;
  readonly input: HTMLTextAreaElement;
}

function openDialog(dialogText: DialogText, textField: TextField | null): Promise<string | null> {
  return new Promise((resolve) => {
    const dialog = el("dialog", { "aria-label": dialogText.title });
    const close = (value: string | null): void => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const submit = (event: Event): void => {
      event.preventDefault();
      const answer = textField?.input.value.trim() ?? "";
      if (textField !== null && answer === "") textField.input.focus();
      else close(answer);
    };
    const buttonClass = dialogText.danger === true ? "danger" : "primary";
    const form = el(
      "form",
      { method: "dialog", onsubmit: submit },
      textField?.field ?? null,
      el(
        "div",
        { class: "actions" },
        button("Cancel", () => { close(null); }),
        el("button", { type: "submit", class: buttonClass }, dialogText.confirmLabel),
      ),
    );
    const paragraph = dialogText.text === undefined ? null : el("p", {}, dialogText.text);
    dialog.append(el("article", {}, el("h2", {}, dialogText.title), paragraph, form));
    dialog.addEventListener("cancel", () => { close(null); });
    document.body.append(dialog);
    dialog.showModal();
    textField?.input.focus();
  });
}

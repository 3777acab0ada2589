/** Forms that ask for confirmation (data-confirm) or a text (data-ask). */

import { confirmInDialog, promptForText } from "../dialog";
import { el } from "../dom";

export function enableFormDialogs(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset["agreed"] === "yes") return;
    if (form.dataset["confirm"] === undefined && form.dataset["ask"] === undefined) return;
    event.preventDefault();
    void confirmSubmit(form, event.submitter);
  });
}

async function confirmSubmit(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const { confirm, ask: label, askName = "reason", confirmButton } = form.dataset;
  const confirmLabel = confirmButton ?? submitter?.textContent.trim() ?? "Confirm";
  // Buttons that look like links name a dangerous action with an attribute of their form.
  const danger = submitter?.classList.contains("danger") === true || form.dataset["confirmDanger"] !== undefined;
  if (label !== undefined) {
    const title = confirm ?? confirmLabel;
    const answer = await promptForText({ title, confirmLabel, label, danger });
    if (answer === null) return;
    form.append(el("input", { type: "hidden", name: askName, value: answer }));
  } else if (!(await confirmInDialog({ title: confirmLabel, text: confirm ?? "", confirmLabel, danger }))) {
    return;
  }
  // requestSubmit fires the event again, which must pass this time.
  form.dataset["agreed"] = "yes";
  form.requestSubmit(submitter);
}

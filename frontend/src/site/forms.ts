/** Forms that ask first (data-confirm), ask for words (data-ask), or send themselves (data-submit). */

import { agree, askText } from "../dialog";
import { el } from "../dom";

export function askBeforeForms(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset["agreed"] === "yes") return;
    if (form.dataset["confirm"] === undefined && form.dataset["ask"] === undefined) return;
    event.preventDefault();
    void ask(form, event.submitter);
  });
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field instanceof HTMLSelectElement && field.matches("[data-submit]")) field.form?.requestSubmit();
  });
}

async function ask(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const { confirm, ask: label, askName = "reason", confirmButton } = form.dataset;
  const yes = confirmButton ?? submitter?.textContent.trim() ?? "Yes";
  if (label !== undefined) {
    const title = confirm ?? yes;
    const words = await askText({ title, yes, label });
    if (words === null) return;
    form.append(el("input", { type: "hidden", name: askName, value: words }));
  } else if (!(await agree({ title: yes, text: confirm ?? "", yes }))) {
    return;
  }
  form.dataset["agreed"] = "yes";
  form.requestSubmit(submitter);
}

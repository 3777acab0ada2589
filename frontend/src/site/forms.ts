/** Forms that ask for confirmation (data-confirm) or a text (data-ask); every form that changes something is sent once. */

import { confirmInDialog, promptForText } from "../dialog";
import { el } from "../dom";

/** After this time, a person has stopped the page, or the response was a download. */
const SENT_AGAIN_AFTER_MS = 5_000;

export function enableFormDialogs(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // Forms that a script sends have been handled.
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
    const asks = form.dataset["confirm"] !== undefined || form.dataset["ask"] !== undefined;
    if (asks && form.dataset["agreed"] !== "yes") {
      event.preventDefault();
      void confirmSubmit(form, event.submitter);
    } else if (form.method === "post") {
      sendOnce(form, event);
    }
  });
}

/** Send a form once: on a slow connection, a second click would repeat the action. */
function sendOnce(form: HTMLFormElement, event: SubmitEvent): void {
  if (form.dataset["sent"] === "yes") {
    event.preventDefault();
    return;
  }
  const allow = (): void => {
    delete form.dataset["sent"];
    event.submitter?.removeAttribute("aria-disabled");
  };
  form.dataset["sent"] = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(allow, SENT_AGAIN_AFTER_MS);
  // The page as it was left, shown again by the back button.
  window.addEventListener("pageshow", allow, { once: true });
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
  delete form.dataset["agreed"];
}

/** The dialog in which a reader chooses a submitted reading to revise. It never shows scores. */

import { button, el, formatTime } from "../../dom";
import type { RevisableReading, RevisableReadings, RevisionRule } from "./contract";

const RULES: Readonly<Record<RevisionRule, string>> = {
  never: "",
  session: "Readings of the current reading session can be revised.",
  period: "Readings can be revised until the period is complete.",
};

const LOADING = "Loading your submitted readings\u2026";

/** A reading that was chosen, null where the reader cancelled, or "none" where no reading can be revised. */
export type Choice = { readonly id: string } | null | "none";

/**
 * Let the reader choose one of the readings, once they have loaded. The latest reading has the focus.
 *
 * The dialog opens at once, so that it never appears while the reader has continued with something else. Rejects if
 * the readings cannot be loaded.
 */
export function chooseReading(loading: Promise<RevisableReadings>): Promise<Choice> {
  return new Promise((resolve, reject) => {
    let choice: Choice = null;
    const rule = el("p", { class: "loading-text", role: "status" }, LOADING);
    const list = el("ul", { class: "choices" });
    const dialog = el("dialog", { class: "earlier-readings", "aria-label": "Earlier readings", tabindex: -1 });
    const close = (closedWith: Choice): void => {
      choice = closedWith;
      dialog.close();
    };
    dialog.addEventListener("keydown", (event) => { event.stopPropagation(); });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(choice);
    });
    const cancel = button("Cancel", () => { close(null); });
    dialog.append(el("article", {}, el("h2", {}, "Revise an earlier reading"), rule, list, el("div", { class: "actions" }, cancel)));
    document.body.append(dialog);
    dialog.showModal();
    // Not "Cancel": the focus moves to the first reading, on which the same key would act.
    dialog.focus();
    loading.then((loaded) => {
      if (!dialog.isConnected) return;
      if (loaded.readings.length === 0) {
        close("none");
        return;
      }
      rule.className = "";
      rule.textContent = `${RULES[loaded.rule]} Your first scores are kept. Submit the reading again when you have finished.`;
      const choices = loaded.readings.map((reading) => button(describe(reading), () => { close({ id: reading.id }); }, { class: "choice" }));
      list.replaceChildren(...choices.map((element) => el("li", {}, element)));
      choices[0]?.focus();
    }, (error: unknown) => {
      // Rejected first: closing resolves.
      reject(error as Error);
      dialog.close();
    });
  });
}

function describe({ name, submitted_at, revisions }: RevisableReading): string {
  const revised = ["", ", revised once"][revisions] ?? `, revised ${String(revisions)} times`;
  return `${capitalised(name)}: submitted ${formatTime(submitted_at)}${revised}`;
}

export function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

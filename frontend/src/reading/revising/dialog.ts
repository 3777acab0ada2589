/** The dialog in which a reader chooses a submitted reading to revise. It never shows scores. */

import { button, el, formatTime } from "../../dom";
import type { RevisableReading, RevisableReadings, RevisionRule } from "./contract";

const RULES: Readonly<Record<RevisionRule, string>> = {
  never: "",
  session: "Readings of the current reading session can be revised.",
  period: "Readings can be revised until the period is complete.",
};

/** Return the id of the reading that the reader chooses, or null. The latest reading has the focus. */
export function chooseReading({ rule, readings }: RevisableReadings): Promise<string | null> {
  return new Promise((resolve) => {
    let selectedId: string | null = null;
    const dialog = el("dialog", { class: "earlier-readings", "aria-label": "Earlier readings" });
    const choices = readings.map((reading) =>
      button(describe(reading), () => {
        selectedId = reading.id;
        dialog.close();
      }, { class: "choice" }),
    );
    dialog.addEventListener("keydown", (event) => { event.stopPropagation(); });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(selectedId);
    });
    dialog.append(
      el(
        "article",
        {},
        el("h2", {}, "Revise an earlier reading"),
        el("p", {}, `${RULES[rule]} Your first scores are kept. Submit the reading again when you have finished.`),
        el("ul", { class: "choices" }, ...choices.map((choice) => el("li", {}, choice))),
        el("div", { class: "actions" }, button("Cancel", () => { dialog.close(); })),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
    choices[0]?.focus();
  });
}

function describe({ name, submitted_at, revisions }: RevisableReading): string {
  const revised = ["", ", revised once"][revisions] ?? `, revised ${String(revisions)} times`;
  return `${capitalised(name)}: submitted ${formatTime(submitted_at)}${revised}`;
}

export function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

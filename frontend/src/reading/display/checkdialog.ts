/** The display check: the reader types the letters of both ends, without a time limit. */

import { button, el } from "../../dom";
import { ENDS } from "./contract";
import type { CheckResult, CheckStatus, End, EndLetters } from "./contract";
import { letterCanvas } from "./lettercanvas";
import { drawLetters } from "./letters";

export type Letters = Readonly<Record<End, EndLetters>>;

interface Options {
  readonly status: CheckStatus;
  /** Store the letters; rejects with an error whose message is shown. */
  readonly save: (letters: Letters) => Promise<CheckResult>;
  readonly home: string;
}

const TITLES: Readonly<Record<End, string>> = { dark: "Dark end", bright: "Bright end" };
const MAX_TYPED = 4;

/** Show the check; resolves when the reader may continue. A required check ends only when it is passed. */
export function showDisplayCheck({ status, save, home }: Options): Promise<void> {
  return new Promise((resolve) => {
    const required = status.option === "required";
    const dialog = el("dialog", { class: "display-check", "aria-labelledby": "display-check-title" });
    const article = el("article", { class: "wide" });
    const close = (): void => { dialog.close(); };
    const goHome = (): void => { window.location.assign(home); };
    const leave = required ? button("Go to my studies", goHome) : button("Continue without the check", close);

    const ask = (): void => {
      const fields = new Fields(status);
      const error = el("p", { class: "check-error", role: "alert" });
      const send = el("button", { type: "submit", class: "primary" }, "Check the letters");
      const form = el("form", { onsubmit: (event) => { event.preventDefault(); void submit(fields, error, send); } },
        el("div", { class: "check-ends" }, ...fields.roots),
        error,
        el("div", { class: "actions" }, leave, send));
      article.replaceChildren(el("h2", { id: "display-check-title" }, "Display check"), ...instructions(), form);
      fields.focus();
    };

    const submit = async (fields: Fields, error: HTMLElement, send: HTMLButtonElement): Promise<void> => {
      const unanswered = fields.unanswered();
      error.textContent = unanswered === null ? "" : unansweredText(unanswered);
      if (unanswered !== null) return;
      send.disabled = true;
      try {
        showResult(await save(fields.letters()));
      } catch (reason) {
        const message = reason instanceof Error ? reason.message : "";
        error.textContent = `The result was not saved. ${message} Your letters have been kept. Try again.`;
        send.disabled = false;
      }
    };

    const showResult = (result: CheckResult): void => {
      const next = button("Continue", close, { class: "primary" });
      const repeat = button("Repeat the check", ask, { class: result.passed ? "" : "primary" });
      const actions = result.passed ? [next] : required ? [leave, repeat] : [button("Continue", close), repeat];
      article.replaceChildren(
        el("h2", { id: "display-check-title" }, result.passed ? "Display check passed" : "Display check not passed"),
        el("div", { role: "status" }, ...resultTexts(result, required).map((text) => el("p", {}, text))),
        el("div", { class: "actions" }, ...actions),
      );
      (actions.at(-1) ?? next).focus();
    };

    dialog.addEventListener("keydown", (event) => { event.stopPropagation(); });
    dialog.addEventListener("cancel", (event) => { if (required) event.preventDefault(); });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    dialog.append(article);
    document.body.append(dialog);
    ask();
    dialog.showModal();
    dialog.querySelector("input")?.focus();
  });
}

/** The letters of both ends with their text fields. */
class Fields {
  readonly roots: readonly HTMLElement[];
  private readonly ends: Readonly<Record<End, EndFields>>;

  constructor(status: CheckStatus) {
    this.ends = { dark: new EndFields("dark", status), bright: new EndFields("bright", status) };
    this.roots = ENDS.map((end) => this.ends[end].root);
  }

  focus(): void {
    this.ends.dark.inputs[0]?.focus();
  }

  /** The first end for which the reader neither typed letters nor said that none can be seen. */
  unanswered(): End | null {
    return ENDS.find((end) => !this.ends[end].answered) ?? null;
  }

  letters(): Letters {
    return { dark: this.ends.dark.letters(), bright: this.ends.bright.letters() };
  }
}

class EndFields {
  readonly root: HTMLElement;
  readonly inputs: readonly HTMLInputElement[];
  private readonly shown: readonly string[];
  private readonly none = el("input", { type: "checkbox", onchange: () => { this.setNone(); } });

  constructor(end: End, { alphabet, contrasts, letters_per_contrast }: CheckStatus) {
    this.shown = drawLetters(alphabet, contrasts, letters_per_contrast);
    this.inputs = contrasts.map((_, index) => el("input", {
      type: "text", maxlength: MAX_TYPED, autocomplete: "off", autocapitalize: "characters", spellcheck: "false",
      "aria-label": `${TITLES[end]}, row ${String(index + 1)}`,
    }));
    this.root = el("fieldset", { class: `check-end ${end}` },
      el("legend", {}, TITLES[end]),
      el("div", { class: "check-rows" }, letterCanvas(end, this.shown, contrasts), el("div", { class: "check-fields" }, ...this.inputs)),
      el("label", { class: "check" }, this.none, " I cannot see any letters"));
  }

  get answered(): boolean {
    return this.none.checked || this.inputs.some((input) => input.value.trim() !== "");
  }

  letters(): EndLetters {
    return { shown: this.shown, typed: this.inputs.map((input) => (this.none.checked ? "" : input.value)) };
  }

  private setNone(): void {
    for (const input of this.inputs) input.disabled = this.none.checked;
  }
}

function instructions(): HTMLElement[] {
  const texts = [
    "Each row has two letters, fainter from row to row. Type the letters that you see, and leave a row blank if you cannot see its letters. There is no time limit.",
    "Set the light in the room and the brightness of the display as you will use them for reading. The check does not calibrate the display.",
  ];
  return texts.map((text) => el("p", {}, text));
}

function unansweredText(end: End): string {
  return `${TITLES[end]}: type the letters that you see, or tick \u201cI cannot see any letters\u201d.`;
}

function resultTexts(result: CheckResult, required: boolean): string[] {
  const needed = `The study ${required ? "requires" : "recommends"} a contrast of ${String(result.required_contrast)} of 255 grey levels at both ends.`;
  const read = `${endText("dark", result.dark_contrast)} ${endText("bright", result.bright_contrast)} ${needed}`;
  if (result.passed) return [read];
  const advice = "Reduce the light in the room, avoid reflections, adjust the brightness of the display or use another display, then repeat the check.";
  return [read, required ? `${advice} If you still cannot pass, ask the coordinator, who can waive the check.` : advice];
}

function endText(end: End, contrast: number | null): string {
  const result = contrast === null ? "the letters of the first row were not read" : `all letters read down to a contrast of ${String(contrast)}`;
  return `${TITLES[end]}: ${result}.`;
}

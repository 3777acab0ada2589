/** The help dialog: what every key does, and changing it. */

import { button, el } from "../dom";
import { ACTIONS, DEFAULT_KEYS, actions, keyName, rebound, shownKey } from "../keys";
import type { Action, Bindings } from "../keys";

const MOUSE: readonly (readonly [string, string])[] = [
  ["Left button, drag", "Window: right is wider, up is brighter"],
  ["Middle button (or Shift + left), drag", "Move the image"],
  ["Right button, drag", "Zoom"],
  ["Wheel", "Zoom about the pointer"],
  ["Two fingers", "Zoom and move"],
];

export function showHelp(bindings: Bindings, boundary: string, onChange: (bindings: Bindings) => void): Promise<void> {
  return new Promise((resolve) => {
    const dialog = el("dialog", { "aria-label": "Help and keys", class: "help" });
    let now = bindings;
    let waiting: Action | null = null;
    const list = el("dl", { class: "keylist" });
    const note = el("p", { class: "muted", role: "status" }, "Press a key's button to change it.");

    const render = (): void => {
      list.replaceChildren(
        ...actions().flatMap((action) => [
          el("dt", {}, ACTIONS[action]),
          el("dd", {}, keyButton(action)),
        ]),
      );
    };
    const keyButton = (action: Action): HTMLButtonElement => {
      const label = waiting === action ? "press a key" : now[action].split(" ").map(shownKey).join(" or ");
      return button(label, () => {
        waiting = action;
        note.textContent = `Press the key for \u201c${ACTIONS[action]}\u201d. Escape leaves it as it was.`;
        render();
      });
    };
    const change = (to: Bindings, words: string): void => {
      now = to;
      waiting = null;
      note.textContent = words;
      onChange(to);
      render();
    };

    dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (waiting === null) return;
      const name = keyName(event);
      if (event.key !== "Escape" && name === null) return;
      event.preventDefault();
      if (name === null) {
        waiting = null;
        render();
      } else {
        change(rebound(now, waiting, name), "Changed, and kept for you.");
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    dialog.append(
      el(
        "article",
        { class: "wide" },
        el("h2", {}, "Help and keys"),
        el(
          "div",
          { class: "help-columns" },
          el("section", {}, el("h3", {}, "Keys"), list, note),
          el(
            "section",
            {},
            el("h3", {}, "Grades"),
            el("p", {}, grades(boundary)),
            el("p", {}, "The thirds on the image are a ruler: add up the calcified lengths of the wall within the level, wherever they lie."),
            el("h3", {}, "Mouse and touch"),
            el("dl", { class: "keylist" }, ...MOUSE.flatMap(([what, does]) => [el("dt", {}, does), el("dd", {}, what)])),
          ),
        ),
        el(
          "div",
          { class: "actions" },
          button("Keys as they were at first", () => { change(DEFAULT_KEYS, "All keys are as they were at first."); }),
          button("Close", () => { dialog.close(); }, { class: "primary" }),
        ),
      ),
    );
    render();
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** The grades in one line, by the study's rule for exactly 1/3 and 2/3. */
export function grades(boundary: string): string {
  return boundary === "upper"
    ? "0 none, 1 less than 1/3 of the wall in this level, 2 from 1/3, 3 from 2/3"
    : "0 none, 1 up to 1/3 of the wall in this level, 2 up to 2/3, 3 more than 2/3";
}

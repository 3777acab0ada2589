/** The help dialog: key bindings, which can be changed, and grade definitions. */

import { button, el } from "../dom";
import { ACTIONS, DEFAULT_KEYS, allActions, keyName, rebindKey, keyLabel } from "../keys";
import type { Action, Bindings } from "../keys";

const POINTER_GESTURES: readonly (readonly [string, string])[] = [
  ["Drag with left button", "Change window: right is wider, up is brighter"],
  ["Drag with middle button, or Shift and left button", "Move the image"],
  ["Drag with right button", "Zoom"],
  ["Drag with left button while the ruler is shown", "Measure a distance"],
  ["Turn wheel", "Zoom at the pointer"],
  ["Pinch or drag with two fingers", "Zoom and move"],
];

export function showHelp(bindings: Bindings, boundary: string, onChange: (bindings: Bindings) => void): Promise<void> {
  return new Promise((resolve) => {
    const dialog = el("dialog", { "aria-label": "Help and keys", class: "help" });
    let current = bindings;
    let actionToBind: Action | null = null;
    const list = el("dl", { class: "keylist" });
    const status = el("p", { class: "muted", role: "status" }, "Choose a key to change it.");

    const render = (): void => {
      list.replaceChildren(
        ...allActions().flatMap((action) => [
          el("dt", {}, ACTIONS[action]),
          el("dd", {}, keyButton(action)),
        ]),
      );
    };
    const keyButton = (action: Action): HTMLButtonElement => {
      const label = actionToBind === action ? "press a key" : current[action].split(" ").map(keyLabel).join(" or ");
      return button(label, () => {
        actionToBind = action;
        status.textContent = `Press the new key for \u201c${ACTIONS[action]}\u201d, or Escape to cancel.`;
        render();
      });
    };
    const applyBindings = (updated: Bindings, message: string): void => {
      current = updated;
      actionToBind = null;
      status.textContent = message;
      onChange(updated);
      render();
    };

    dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (actionToBind === null) return;
      const name = keyName(event);
      if (event.key !== "Escape" && name === null) return;
      event.preventDefault();
      if (name === null) {
        actionToBind = null;
        render();
      } else {
        applyBindings(rebindKey(current, actionToBind, name), "Key changed and saved in your account.");
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
          el("section", {}, el("h3", {}, "Keys"), list, status),
          el(
            "section",
            {},
            el("h3", {}, "Grades"),
            el("p", {}, gradeDefinitions(boundary)),
            el("p", {}, "The thirds on the image serve as a ruler. Add up the calcified lengths of the wall within the level, wherever they lie."),
            el("h3", {}, "Mouse and touch"),
            el("dl", { class: "keylist" }, ...POINTER_GESTURES.flatMap(([gesture, effect]) => [el("dt", {}, effect), el("dd", {}, gesture)])),
          ),
        ),
        el(
          "div",
          { class: "actions" },
          button("Restore default keys", () => { applyBindings(DEFAULT_KEYS, "Default keys restored."); }),
          button("Close help", () => { dialog.close(); }, { class: "primary" }),
        ),
      ),
    );
    render();
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Return the grade definitions in one line; `boundary` is the grade to which exactly 1/3 and 2/3 belong. */
export function gradeDefinitions(boundary: string): string {
  return boundary === "upper"
    ? "0: none; 1: less than 1/3 of the wall at this level; 2: 1/3 to less than 2/3; 3: 2/3 or more"
    : "0: none; 1: up to 1/3 of the wall at this level; 2: more than 1/3, up to 2/3; 3: more than 2/3";
}

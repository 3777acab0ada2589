/** The help dialog: key bindings, which can be changed, and grade definitions. */

import { html, nothing, render } from "lit-html";
import type { TemplateResult } from "lit-html";
import { el } from "../dom";
import { ACTIONS, DEFAULT_KEYS, allActions, keyName, rebindKey, keyLabel } from "../keys";
import type { Action, Bindings } from "../keys";
import type { Reading } from "./contract";
import type { ImagePane } from "./imagepane";
import type { OpenReading } from "./openreading";
import type { ReaderPreferences } from "./preferences";

const POINTER_GESTURES: readonly (readonly [string, string])[] = [
  ["Drag with left button", "Change window: right is wider, up is brighter"],
  ["Drag with middle button, or Shift and left button", "Move the image"],
  ["Drag with right button", "Zoom"],
  ["Drag with left button while the ruler is shown, or move its ends with the arrow keys (with Ctrl in small steps), set each with Enter, and leave with Escape", "Measure a distance"],
  ["Drag with left button in a measured arm", "Draw a plaque"],
  ["Turn wheel", "Zoom at the pointer"],
  ["Pinch or drag with two fingers", "Zoom and move"],
];

type Scored = Pick<Reading, "boundary" | "aac8">;

const CHOOSE = "Choose a key to change it.";

export function showHelp(bindings: Bindings, reading: Scored | null, onChange: (bindings: Bindings) => void): Promise<void> {
  return new Promise((resolve) => {
    const dialog = el("dialog", { "aria-label": "Help and keys", class: "help" });
    let current = bindings;
    let actionToBind: Action | null = null;

    const show = (action: Action | null, message: string): void => {
      actionToBind = action;
      render(dialogContent(message), dialog);
    };
    const applyBindings = (updated: Bindings, message: string): void => {
      current = updated;
      onChange(updated);
      show(null, message);
    };
    const keyRow = (action: Action): TemplateResult => {
      const ask = (): void => { show(action, `Press the new key for \u201c${ACTIONS[action]}\u201d, or Escape to cancel.`); };
      const label = actionToBind === action ? "press a key" : current[action].split(" ").map(keyLabel).join(" or ");
      return html`<dt>${ACTIONS[action]}</dt><dd><button type="button" @click=${ask}>${label}</button></dd>`;
    };
    const dialogContent = (message: string): TemplateResult => html`<article class="wide">
      <h2>Help and keys</h2>
      <div class="help-columns">
        <section>
          <h3>Keys</h3>
          <dl class="keylist">${allActions().map(keyRow)}</dl>
        </section>
        ${gradesAndGestures(reading)}
      </div>
      <div class="actions">
        <p class="muted" role="status">${message}</p>
        <button type="button" @click=${() => { applyBindings(DEFAULT_KEYS, "Default keys restored."); }}>Restore default keys</button>
        <button type="button" class="primary" autofocus @click=${() => { dialog.close(); }}>Close help</button>
      </div>
    </article>`;

    dialog.addEventListener("keydown", (event) => {
      // Keys that are being chosen must not act on the reading behind the dialog.
      event.stopPropagation();
      if (actionToBind === null) return;
      const name = keyName(event);
      // Keys that are left to the browser, among them Shift and Ctrl alone, cannot be chosen.
      if (event.key !== "Escape" && name === null) return;
      // Escape cancels the choice of a key and must not close the dialog as well.
      event.preventDefault();
      if (name === null) show(null, CHOOSE);
      else applyBindings(rebindKey(current, actionToBind, name), "Key changed and saved to your account.");
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    show(null, CHOOSE);
    document.body.append(dialog);
    dialog.showModal();
  });
}

function gradesAndGestures(reading: Scored | null): TemplateResult {
  return html`<section>
    <h3>Grades</h3>
    <p>${gradeDefinitions(reading?.boundary ?? "lower")}</p>
    <p>Where guides are shown, their thirds serve as a ruler. Add up the calcified lengths of the wall within the level, wherever they lie.</p>
    ${(reading?.aac8 ?? null) !== null ? html`<p>${AAC8_DEFINITIONS}</p>` : nothing}
    <h3>Mouse and touch</h3>
    <dl class="keylist gestures">${POINTER_GESTURES.map(([gesture, effect]) => html`<dt>${effect}</dt><dd>${gesture}</dd>`)}</dl>
  </section>`;
}

export const AAC8_DEFINITIONS =
  "AAC-8: length of all plaques of the wall, in units of the mean boundary-to-boundary height of L1 to L4. 0: none; 1: up to 1; 2: up to 2; 3: up to 3; 4: more than 3";

/** Return the grade definitions in one line; `boundary` is the grade to which exactly 1/3 and 2/3 belong. */
export function gradeDefinitions(boundary: string): string {
  return boundary === "upper"
    ? "0: none; 1: less than 1/3 of the wall at this level; 2: 1/3 to less than 2/3; 3: 2/3 or more"
    : "0: none; 1: up to 1/3 of the wall at this level; 2: more than 1/3, up to 2/3; 3: more than 2/3";
}

interface RoomWithKeys {
  readonly preferences: ReaderPreferences;
  readonly imagePane: ImagePane;
  readonly openReading: OpenReading | null;
  render(): void;
}

/** Show the help of the reading room and adopt the keys that the reader changes in it. */
export async function helpInRoom(room: RoomWithKeys): Promise<void> {
  await showHelp(room.preferences.keys, room.openReading?.reading ?? null, (keys) => {
    room.preferences.setKeys(keys);
    room.imagePane.describeKeys(keys);
    room.render();
  });
}

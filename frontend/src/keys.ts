/** Keyboard bindings of the reading room. Pure. */

export const ACTIONS = {
  score0: "Score 0 and move on",
  score1: "Score 1 and move on",
  score2: "Score 2 and move on",
  score3: "Score 3 and move on",
  score4: "Score 4 (AAC-8) and move on",
  unreadable: "Mark as not readable",
  clear: "Clear score",
  left: "Move left",
  right: "Move right",
  up: "Move up",
  down: "Move down",
  guides: "Hide or show guides (hold to hide)",
  invert: "Invert image",
  reset: "Fit and reset image",
  window: "Use next window",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  lowerSpine: "Show lower spine",
  actualSize: "Show actual size (1:1)",
  panLeft: "Move view left",
  panRight: "Move view right",
  panUp: "Move view up",
  panDown: "Move view down",
  magnifier: "Show or hide magnifier",
  ruler: "Show or hide ruler",
  fullScreen: "Enter or leave full screen",
  comment: "Write comment",
  submit: "Submit and open next case",
  pause: "Pause reading",
  instructions: "Open instructions and scoring guide",
  help: "Open help",
  // Last, so that a key that a person has given to an action above keeps its meaning.
  measure: "Turn drawing of plaques on or off",
  wall: "Draw on the other wall",
  levels: "Set level lines",
  accept: "Accept measured grade and move on",
  acceptAll: "Accept all measured grades",
  undo: "Undo drawing",
  redo: "Redo drawing",
  previous: "Revise an earlier reading",
  ask: "Ask the coordinators about this reading",
} as const;

export type Action = keyof typeof ACTIONS;
export type Bindings = Readonly<Record<Action, string>>;

/** Default bindings; several keys for one action are separated by spaces. */
export const DEFAULT_KEYS: Bindings = {
  score0: "0",
  score1: "1",
  score2: "2",
  score3: "3",
  score4: "4",
  unreadable: "x",
  clear: "backspace delete",
  left: "arrowleft",
  right: "arrowright",
  up: "arrowup",
  down: "arrowdown",
  guides: "g",
  invert: "i",
  reset: "space",
  window: "w",
  zoomIn: "+ =",
  zoomOut: "-",
  lowerSpine: "l",
  actualSize: "o",
  panLeft: "shift+arrowleft",
  panRight: "shift+arrowright",
  panUp: "shift+arrowup",
  panDown: "shift+arrowdown",
  magnifier: "z",
  ruler: "m",
  fullScreen: "f",
  comment: "c",
  submit: "ctrl+enter",
  pause: "p",
  instructions: "h",
  help: "?",
  measure: "t",
  wall: "v",
  levels: "b",
  accept: "enter",
  acceptAll: "a",
  undo: "ctrl+z",
  redo: "ctrl+y",
  previous: "r",
  ask: "q",
};

export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey?: boolean;
  getModifierState?(modifier: string): boolean;
}

const LEFT_TO_BROWSER = ["Tab", "Shift", "Control", "Alt", "AltGraph", "Meta", "Dead", "Escape"];

/**
 * Return the name of a pressed key, or null for keys left to the browser: Tab, Escape, lone modifiers, every
 * combination with Alt, Option or AltGr, and the decimal key of the number pad while NumLock is off.
 *
 * A key of the digit row has the name of its digit, also on layouts on which it types another character.
 */
export function keyName(press: KeyPress): string | null {
  return unshiftedDigit(press) ?? characterName(press);
}

function characterName(press: KeyPress): string | null {
  if (hasAlt(press) || LEFT_TO_BROWSER.includes(press.key)) return null;
  const key = numpadDigit(press) ?? (press.key === " " ? "space" : press.key.toLowerCase());
  if (key === "delete" && isNumpadNavigation(press)) return null;
  // Other keys already differ in their character, such as "?", or mean the same with Shift.
  const shift = press.shiftKey === true && key.startsWith("arrow") ? "shift+" : "";
  return press.ctrlKey || press.metaKey ? `ctrl+${shift}${key}` : `${shift}${key}`;
}

/** Return whether Alt, Option or AltGr is pressed; Linux reports AltGr without `altKey`. */
function hasAlt(press: KeyPress): boolean {
  return press.altKey || press.getModifierState?.("AltGraph") === true;
}

/** Return the digit of the number pad, which sends arrows and other keys while NumLock is off. */
function numpadDigit(press: KeyPress): string | null {
  return /^Numpad([0-9])$/.exec(press.code)?.[1] ?? null;
}

/**
 * Return whether a key of the number pad sends an arrow or Delete, as without NumLock.
 *
 * Its label is a digit or the decimal sign, so it scores or does nothing where scores are entered.
 */
export function isNumpadNavigation({ key, code }: Pick<KeyPress, "key" | "code">): boolean {
  return code.startsWith("Numpad") && (key.startsWith("Arrow") || key === "Delete");
}

/** Return the digit of a key of the digit row without Shift: on Czech and Slovak layouts the key of 1 types "+". */
function unshiftedDigit(press: KeyPress): string | null {
  if (press.shiftKey === true || !press.code.startsWith("Digit")) return null;
  return /^[0-9]$/.test(press.key) ? null : digitFromCode(press);
}

/** Return the digit of a physical key, for keyboard layouts on which digits need Shift. */
function digitFromCode(press: KeyPress): string | null {
  if (press.ctrlKey || press.metaKey || hasAlt(press)) return null;
  return /^(?:Digit|Numpad)([0-9])$/.exec(press.code)?.[1] ?? null;
}

/** Return the Latin letter of a physical key while another script or an input method is active. */
function letterFromCode(press: KeyPress): string | null {
  if (hasAlt(press)) return null;
  const withoutLatin = press.key === "Process" || press.key === "Unidentified" || /^[^\u0000-\u007f]+$/.test(press.key);
  return withoutLatin ? (/^Key([A-Z])$/.exec(press.code)?.[1]?.toLowerCase() ?? null) : null;
}

/** Return the Latin letter of a key in lower case, with any script, or the character of another key. */
export function letterForKey(press: KeyPress): string {
  return letterFromCode(press) ?? press.key.toLowerCase();
}

export function actionForKey(bindings: Bindings, press: KeyPress): Action | null {
  const letter = letterFromCode(press);
  const positional = letter !== null && (press.ctrlKey || press.metaKey) ? `ctrl+${letter}` : letter;
  for (const name of [keyName(press), characterName(press), digitFromCode(press), positional]) {
    if (name === null) continue;
    const matchingAction = allActions().find((action) => bindings[action].split(" ").includes(name));
    if (matchingAction !== undefined) return matchingAction;
  }
  return null;
}

/** Return the digit that was pressed, independent of the keyboard layout. */
export function digitForKey(press: KeyPress): number | null {
  if (hasAlt(press) || press.ctrlKey || press.metaKey) return null;
  const digit = /^[0-9]$/.test(press.key) ? press.key : digitFromCode(press);
  return digit === null ? null : Number(digit);
}

/**
 * Return the defaults with a person's saved changes; unknown actions and invalid values are ignored.
 *
 * A default loses a key that the person has given to another action, so that a new action never takes it over.
 */
export function mergeBindings(changes: unknown): Bindings {
  const customKeys: Partial<Record<Action, string>> = {};
  if (typeof changes === "object" && changes !== null) {
    for (const [action, keys] of Object.entries(changes)) {
      if (action in ACTIONS && typeof keys === "string" && keys !== "") customKeys[action as Action] = keys;
    }
  }
  const taken = Object.values(customKeys).flatMap((keys) => keys.split(" "));
  const defaults = allActions().map((action) => [action, withoutKeys(DEFAULT_KEYS[action], taken)] as const);
  return { ...(Object.fromEntries(defaults) as Record<Action, string>), ...customKeys };
}

function withoutKeys(keys: string, taken: readonly string[]): string {
  return keys.split(" ").filter((key) => !taken.includes(key)).join(" ");
}

/** Bind one key to an action. Another action that loses its last key gets the former keys of this one. */
export function rebindKey(bindings: Bindings, action: Action, key: string): Bindings {
  const changed: Record<Action, string> = { ...bindings };
  for (const other of allActions()) {
    const keys = bindings[other].split(" ");
    if (other === action || !keys.includes(key)) continue;
    changed[other] = keys.filter((k) => k !== key).join(" ") || bindings[action];
  }
  changed[action] = key;
  return changed;
}

/** Return only the bindings that differ from the defaults. */
export function changedBindings(bindings: Bindings): Partial<Record<Action, string>> {
  const differing = allActions().filter((action) => bindings[action] !== DEFAULT_KEYS[action]);
  return Object.fromEntries(differing.map((action) => [action, bindings[action]]));
}

const KEY_LABELS: Readonly<Record<string, string>> = {
  arrowleft: "\u2190",
  arrowright: "\u2192",
  arrowup: "\u2191",
  arrowdown: "\u2193",
  space: "Space",
  enter: "Enter",
  backspace: "Backspace",
  delete: "Del",
  "": "none",
};

/** Return the label of a key, such as "Ctrl+Enter", "\u2190" or "g"; "none" for an action without a key. */
export function keyLabel(name: string): string {
  const [, modifiers = "", plainName = ""] = /^((?:ctrl\+|shift\+)*)(.*)$/.exec(name) ?? [];
  const label = KEY_LABELS[plainName] ?? plainName;
  return `${modifiers.replace("ctrl+", "Ctrl+").replace("shift+", "Shift+")}${label}`;
}

export function allActions(): Action[] {
  return Object.keys(ACTIONS) as Action[];
}

/** Return whether the focused element handles a key press itself, such as a text field, list, slider or button. */
export function belongsToField(target: EventTarget | null, press: KeyPress): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  if (target instanceof HTMLInputElement) {
    return target.type === "range" ? press.key.startsWith("Arrow") && !isNumpadNavigation(press) : target.type !== "checkbox";
  }
  if (press.ctrlKey || press.metaKey || !target.matches("button, a, summary")) return false;
  return press.key === "Enter" || press.key === " ";
}

/** Which key does what. Pure: names of keys, bindings, and changing them. */

export const ACTIONS = {
  score0: "Score 0 and go on",
  score1: "Score 1 and go on",
  score2: "Score 2 and go on",
  score3: "Score 3 and go on",
  unreadable: "Not readable, then a reason",
  clear: "Take the score back",
  left: "Cell to the left",
  right: "Cell to the right",
  up: "Cell above",
  down: "Cell below",
  guides: "Hide or show the guides (hold: hide)",
  invert: "Invert",
  reset: "Fit and reset the image",
  window: "Next window",
  comment: "Comment",
  submit: "Submit and next",
  pause: "Pause",
  help: "Help and keys",
} as const;

export type Action = keyof typeof ACTIONS;
export type Bindings = Readonly<Record<Action, string>>;

/** Several keys for one action are separated by blanks. */
export const DEFAULT_KEYS: Bindings = {
  score0: "0",
  score1: "1",
  score2: "2",
  score3: "3",
  unreadable: "x",
  clear: "backspace delete",
  left: "arrowleft",
  right: "arrowright",
  up: "arrowup",
  down: "arrowdown",
  guides: "g",
  invert: "i",
  reset: "space =",
  window: "w",
  comment: "c",
  submit: "ctrl+enter",
  pause: "p",
  help: "?",
};

export interface Press {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** The name of a pressed key, or null for what stays the browser's: tab, modifiers alone, alt. */
export function keyName(press: Press): string | null {
  if (press.altKey || ["Tab", "Shift", "Control", "Alt", "Meta", "Dead", "Escape"].includes(press.key)) {
    return null;
  }
  const key = press.key === " " ? "space" : press.key.toLowerCase();
  return press.ctrlKey || press.metaKey ? `ctrl+${key}` : key;
}

/** The digit keys by their place, for keyboards where a digit needs shift. */
function digitByPlace(press: Press): string | null {
  if (press.ctrlKey || press.metaKey) return null;
  return /^(?:Digit|Numpad)([0-9])$/.exec(press.code)?.[1] ?? null;
}

export function actionOf(bindings: Bindings, press: Press): Action | null {
  for (const name of [keyName(press), digitByPlace(press)]) {
    if (name === null) continue;
    const found = actions().find((action) => bindings[action].split(" ").includes(name));
    if (found !== undefined) return found;
  }
  return null;
}

/** The digit that was pressed, wherever the keyboard has it. */
export function digitOf(press: Press): number | null {
  if (press.altKey || press.ctrlKey || press.metaKey) return null;
  const digit = /^[0-9]$/.test(press.key) ? press.key : digitByPlace(press);
  return digit === null ? null : Number(digit);
}

/** The person's changes over the defaults; what is not an action or not a text is left out. */
export function withChanges(changes: unknown): Bindings {
  const own: Partial<Record<Action, string>> = {};
  if (typeof changes === "object" && changes !== null) {
    for (const [action, keys] of Object.entries(changes)) {
      if (action in ACTIONS && typeof keys === "string" && keys !== "") own[action as Action] = keys;
    }
  }
  return { ...DEFAULT_KEYS, ...own };
}

/** Gives an action one key. An action that loses its last key by this gets the other's old keys. */
export function rebound(bindings: Bindings, action: Action, key: string): Bindings {
  const changed: Record<Action, string> = { ...bindings };
  for (const other of actions()) {
    const keys = bindings[other].split(" ");
    if (other === action || !keys.includes(key)) continue;
    changed[other] = keys.filter((k) => k !== key).join(" ") || bindings[action];
  }
  changed[action] = key;
  return changed;
}

/** Only what differs from the defaults. */
export function changesOf(bindings: Bindings): Partial<Record<Action, string>> {
  const differing = actions().filter((action) => bindings[action] !== DEFAULT_KEYS[action]);
  return Object.fromEntries(differing.map((action) => [action, bindings[action]]));
}

const SIGNS: Readonly<Record<string, string>> = {
  arrowleft: "\u2190",
  arrowright: "\u2192",
  arrowup: "\u2191",
  arrowdown: "\u2193",
  space: "Space",
  enter: "Enter",
  backspace: "Backspace",
  delete: "Del",
};

/** How a key is written on the page: "Ctrl+Enter", "\u2190", "g". */
export function shownKey(name: string): string {
  const bare = name.replace(/^ctrl\+/, "");
  const sign = SIGNS[bare] ?? bare;
  return name === bare ? sign : `Ctrl+${sign}`;
}

export function actions(): Action[] {
  return Object.keys(ACTIONS) as Action[];
}

/** Whether a key press belongs to the element that has the focus: a text, a list, a slider, a button. */
export function belongsToField(target: EventTarget | null, press: Press): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  if (target instanceof HTMLInputElement) {
    return target.type === "range" ? press.key.startsWith("Arrow") : target.type !== "checkbox";
  }
  if (press.ctrlKey || press.metaKey || !target.matches("button, a, summary")) return false;
  return press.key === "Enter" || press.key === " ";
}

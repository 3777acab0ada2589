/** Buttons for the view of the image, below the window tools of the panel. */

import { button, el } from "../../dom";
import { keyLabel } from "../../keys";
import type { Action, Bindings } from "../../keys";
import type { ViewKind } from "../../viewer/presets";
import { icon } from "./icons";
import type { IconName } from "./icons";

interface Tool {
  readonly action: Action;
  readonly name: string;
  /** The text of the button; an icon without it. */
  readonly label?: string;
}

const ICONS: Partial<Record<Action, IconName>> = { magnifier: "magnifier", ruler: "ruler", fullScreen: "fullScreen" };

const TOOLS: readonly Tool[] = [
  { action: "lowerSpine", label: "Lower spine", name: "Show lower spine" },
  { action: "actualSize", label: "1:1", name: "1:1, actual size" },
  { action: "zoomOut", label: "\u2212", name: "Zoom out" },
  { action: "zoomIn", label: "+", name: "Zoom in" },
  { action: "magnifier", name: "Magnifier" },
  { action: "ruler", name: "Ruler" },
  { action: "fullScreen", name: "Full screen" },
];
const PRESET_ACTIONS: Partial<Record<ViewKind, Action>> = { lower_spine: "lowerSpine", actual_size: "actualSize" };

export class ViewTools {
  readonly root = el("div", { class: "view-tools", role: "group", "aria-label": "View of the image" });
  private readonly buttons = new Map<Action, HTMLButtonElement>();
  /** Beside the window tools, where it does not need a row for itself. */
  readonly keepView: HTMLButtonElement;

  constructor(runAction: (action: Action) => void, setKeepView: (keep: boolean) => void) {
    for (const { action, label, name } of TOOLS) {
      const tool = button(label ?? "", () => { runAction(action); }, { "aria-label": name, "data-tool": action });
      const iconName = ICONS[action];
      if (iconName !== undefined) tool.append(icon(iconName));
      this.buttons.set(action, tool);
      this.root.append(tool);
    }
    this.keepView = button("Keep view", () => { setKeepView(this.keepView.getAttribute("aria-pressed") !== "true"); }, {
      class: "keep-view",
      title: "Open the next case with the zoom, position and window of this one",
      hidden: true,
    });
  }

  /** Show which preset and which tools are in use. */
  showState(kind: ViewKind, tools: { readonly magnifier: boolean; readonly ruler: boolean }): void {
    const active = PRESET_ACTIONS[kind];
    for (const action of ["lowerSpine", "actualSize"] as const) this.press(action, action === active);
    this.press("magnifier", tools.magnifier);
    this.press("ruler", tools.ruler);
  }

  /** Show whether the view is kept; null where the study decides. */
  showKeepView(keep: boolean | null): void {
    this.keepView.hidden = keep === null;
    this.keepView.setAttribute("aria-pressed", String(keep === true));
  }

  showKeys(bindings: Bindings): void {
    for (const { action, name } of TOOLS) {
      const [key = ""] = bindings[action].split(" ");
      const tool = this.buttons.get(action);
      if (tool !== undefined) tool.title = key === "" ? name : `${name} (${keyLabel(key)})`;
    }
  }

  private press(action: Action, pressed: boolean): void {
    this.buttons.get(action)?.setAttribute("aria-pressed", String(pressed));
  }
}

/** Describe the keys of the image for screen readers. */
export function describeImageKeys(bindings: Bindings): string {
  const keysOf = (...actions: readonly Action[]): string => actions.map((action) => keyLabel(bindings[action].split(" ")[0] ?? "")).join(" and ");
  return [
    `Zoom: ${keysOf("zoomIn", "zoomOut")}.`,
    `Move: ${keysOf("panLeft", "panRight", "panUp", "panDown")}.`,
    `Fit: ${keysOf("reset")}. Lower spine: ${keysOf("lowerSpine")}. Actual size: ${keysOf("actualSize")}.`,
    `Magnifier: ${keysOf("magnifier")}. Ruler: ${keysOf("ruler")}. Next window: ${keysOf("window")}. Invert: ${keysOf("invert")}.`,
    "While the ruler is shown, arrow keys move its ends, Enter sets them and Escape leaves.",
  ].join(" ");
}

/** The panel beside the image: progress, tools, score pad, save indicator and key hints. */

import { button, el } from "../dom";
import { keyLabel } from "../keys";
import type { Action, Bindings } from "../keys";
import type { Arm, Reading, Score } from "./contract";
import { isFirstOfTwo } from "./between/secondreading";
import { AAC8_DEFINITIONS, gradeDefinitions } from "./help";
import type { ScorePad } from "./scorepad";
import type { SaveStatus } from "./saving/sender";
import { stopRepeatedClick } from "./input/clicks";
import { highestScore, isAac8, isComplete } from "./padstate";
import type { PadState } from "./padstate";
import { icon } from "./view/icons";
import { SAVE_STATUS_TEXTS } from "./saving/unsent/messages";

export const ARM_NAMES: Readonly<Record<Arm, string>> = {
  unguided: "Unguided",
  guided: "Guided",
  "guided corrected": "Guided, corrected landmarks",
  measured: "Measured",
  "guided measured": "Guided, measured",
};

export interface PanelInfo {
  readonly study: string;
  readonly mark: string;
}

export class Panel {
  readonly root = el("aside", { class: "panel", "aria-label": "Scores" });
  /** Below the save indicator: entries that were not stored. */
  readonly unsent = el("div", { class: "unsent" });
  private readonly arms = el("span", { class: "arms" });
  private readonly caseCount = el("span", { class: "count" });
  private readonly pause: HTMLButtonElement;
  private readonly ask: HTMLButtonElement;
  private readonly windowTool: HTMLButtonElement;
  private readonly savedWindow: HTMLButtonElement;
  private readonly scores: HTMLElement;
  private readonly unreadable: HTMLButtonElement;
  /** Among the score buttons where the study scores AAC-8. */
  private readonly score4: HTMLButtonElement;
  private readonly grades = el("p", { class: "grades" });
  private boundary: Reading["boundary"] = "lower";
  private readonly guidesRow: HTMLElement;
  private readonly guidesTool: HTMLButtonElement;
  private readonly strength: HTMLInputElement;
  private readonly comment: HTMLButtonElement;
  private readonly submit: HTMLButtonElement;
  private readonly saveStatus = el("p", { class: "save-status", role: "status" });
  private readonly notice = el("p", { class: "notice", role: "alert" });
  private readonly keys = el("ul", { class: "keys" });
  private readonly statusLinks: Partial<Record<SaveStatus, readonly [string, string]>>;
  private readonly announcer = el("p", { class: "visually-hidden", role: "status" });

  constructor(
    info: PanelInfo,
    pad: ScorePad,
    runAction: (action: Action) => void,
    callbacks: { useSavedWindow: () => void; setStrength: (strength: number) => void; signIn: string; signOut: string; home: string },
    parts: { readonly readingNote?: HTMLElement; readonly viewTools?: HTMLElement; readonly keepView?: HTMLElement; readonly guidesUncertain?: HTMLElement; readonly guidesAbout?: HTMLElement } = {},
  ) {
    this.pause = button("Pause", () => { runAction("pause"); }, { class: "pause" });
    this.windowTool = button("Window", () => { runAction("window"); }, { class: "window-tool" });
    this.savedWindow = button("Your window", callbacks.useSavedWindow, {
      class: "saved-window",
      title: "The window you last used for this scanner",
    });
    this.guidesTool = button("Hide guides", () => { runAction("guides"); });
    this.strength = el("input", { type: "range", min: 0.2, max: 1, step: 0.05, "aria-label": "Guide opacity" });
    this.strength.addEventListener("input", () => { callbacks.setStrength(this.strength.valueAsNumber); });
    // A slider that keeps the focus would take the arrow keys from the score pad.
    this.strength.addEventListener("pointerup", () => { this.strength.blur(); });
    this.comment = button("Comment", () => { runAction("comment"); });
    this.submit = button("Submit and open next", () => { runAction("submit"); }, { class: "submit" });
    this.unreadable = button("\u2715", () => { runAction("unreadable"); }, { "aria-label": "Not readable", title: "Not readable" });
    this.score4 = scoreButton(4, runAction);
    this.scores = this.createScoreButtons(runAction);
    this.scores.addEventListener("click", stopRepeatedClick, { capture: true });
    this.guidesRow = el("div", { class: "guides-row", hidden: true }, this.guidesTool, this.strength, parts.guidesAbout ?? "");
    this.statusLinks = { "signed-out": ["Sign in again", callbacks.signIn], "other-user": ["Switch account", callbacks.signOut] };
    const instructions = button("Guide", () => { runAction("instructions"); }, { title: "Instructions and scoring guide" });
    this.ask = button("Ask", () => { runAction("ask"); }, { class: "ask" });
    this.showUnread(0);
    const help = button("?", () => { runAction("help"); }, { "aria-label": "Help and keys" });
    const invert = button("", () => { runAction("invert"); }, { "aria-label": "Invert", title: "Invert" });
    invert.append(icon("invert"));
    const tools = [button("Fit", () => { runAction("reset"); }), invert, this.windowTool, this.savedWindow];
    this.root.append(
      el(
        "header",
        {},
        el("div", { class: "top" }, el("div", { class: "study" }, el("a", { href: callbacks.home, title: info.study }, info.study)), instructions, this.ask, help, this.pause),
        el("div", { class: "progress-row" }, this.arms, this.caseCount),
        el("p", { class: "mark" }, ["For research use only, not for diagnosis", info.mark].filter(Boolean).join(". ")),
      ),
      parts.readingNote ?? "",
      el("div", { class: "tools" }, ...tools, parts.keepView ?? ""),
      parts.viewTools ?? "",
      this.guidesRow,
      parts.guidesUncertain ?? "",
      pad.root,
      this.scores,
      this.grades,
      // Stays in view while the panel scrolls.
      el("div", { class: "panel-foot" }, el("div", { class: "finish" }, this.comment, this.submit), this.saveStatus),
      this.unsent,
      this.notice,
      el("div", { class: "key-hints" }, this.keys),
      this.announcer,
    );
    this.root.addEventListener("mousedown", keepFocus);
  }

  showReading(reading: Reading): void {
    this.root.classList.toggle("sequential", reading.sequence !== null);
    this.arms.replaceChildren(...armBadges(reading));
    this.submit.textContent = submitLabel(reading);
    this.boundary = reading.boundary;
    this.grades.textContent = gradeDefinitions(this.boundary);
    if (reading.aac8 === null) this.score4.remove();
    else this.unreadable.before(this.score4);
    // In a sequential study, the row keeps its place before the guides are shown.
    const guidesFollow = (reading.sequence?.arms ?? []).some((arm) => arm.split(" ").includes("guided"));
    this.guidesRow.hidden = !reading.guides_allowed && !guidesFollow;
    this.guidesRow.classList.toggle("away", !reading.guides_allowed);
    this.showNotice("");
  }

  showCount(text: string): void {
    this.caseCount.textContent = text;
  }

  /** Mark the button for questions while there are unread messages; nothing else appears during a reading. */
  showUnread(unread: number): void {
    this.ask.classList.toggle("has-unread", unread > 0);
    const text = "Ask the coordinators about this reading";
    this.ask.title = unread > 0 ? `${text}. You have unread messages.` : text;
    this.ask.setAttribute("aria-label", unread > 0 ? "Ask. You have unread messages." : "Ask");
  }

  showPad(pad: PadState, comment: string): void {
    const complete = isComplete(pad);
    this.submit.classList.toggle("primary", complete);
    // Not disabled: a click on it then selects the cell that is missing.
    this.submit.setAttribute("aria-disabled", String(!complete));
    this.comment.textContent = comment.trim() === "" ? "Comment" : "Comment \u2713";
    this.comment.title = comment;
    if (pad.aac8) this.grades.textContent = pad.current !== null && isAac8(pad.current) ? AAC8_DEFINITIONS : gradeDefinitions(this.boundary);
    this.highlightScore(pad);
  }

  showGuides(shown: boolean, strength: number): void {
    this.guidesTool.textContent = shown ? "Hide guides" : "Show guides";
    this.strength.value = String(strength);
  }

  showWindow(name: string, savedOffered: boolean): void {
    this.windowTool.textContent = name;
    this.windowTool.setAttribute("aria-label", `Window: ${name}. Use next window`);
    this.windowTool.title = `Window: ${name}. Click to use the next window.`;
    this.savedWindow.classList.toggle("away", !savedOffered);
  }

  showSaveStatus(saveStatus: SaveStatus, reason: string): void {
    this.saveStatus.className = `save-status ${saveStatus}`;
    this.saveStatus.title = reason;
    // The request ID helps the administrator; other reasons only repeat the text at greater length.
    const detail = saveStatus === "server-error" ? `. ${reason}` : "";
    this.saveStatus.replaceChildren(SAVE_STATUS_TEXTS[saveStatus] + detail);
    const [text, href] = this.statusLinks[saveStatus] ?? ["", ""];
    // In a new tab, because this page holds the unsent entries.
    if (href !== "") this.saveStatus.append(" ", el("a", { href, target: "_blank", rel: "noopener" }, text));
  }

  /** Show a sentence until the next action. */
  showNotice(text: string): void {
    this.notice.textContent = text;
  }

  announce(text: string): void {
    this.announcer.textContent = text;
  }

  showKeys(bindings: Bindings, hints: readonly (readonly [Action | readonly string[], string])[]): void {
    this.keys.replaceChildren(
      ...hints.map(([key, text]) => {
        const keyNames = typeof key === "string" ? bindings[key].split(" ").slice(0, 1) : key;
        return el("li", {}, ...keyNames.map((name) => el("kbd", {}, keyLabel(name))), ` ${text}`);
      }),
    );
  }

  private createScoreButtons(runAction: (action: Action) => void): HTMLElement {
    const digits = ([0, 1, 2, 3] as const).map((score) => scoreButton(score, runAction));
    return el("div", { class: "scores", role: "group", "aria-label": "Score the current cell" }, ...digits, this.unreadable);
  }

  private highlightScore({ current, cells }: PadState): void {
    const cell = current === null ? null : cells[current];
    [...this.scores.children].forEach((element, i) => {
      element.setAttribute("aria-pressed", String(element === this.unreadable ? (cell?.validity ?? 0) > 0 : cell?.score === i));
      // Without a selected cell there is nothing to score.
      element.toggleAttribute("disabled", cell === null);
    });
    this.score4.toggleAttribute("disabled", current === null || highestScore(current) < 4);
  }
}

/** Return the arm of the reading; in a sequential study both arms, with the current one marked. */
function armBadges({ arm, sequence }: Reading): (HTMLElement | string)[] {
  if (sequence === null) return [el("span", { class: `badge ${arm}` }, ARM_NAMES[arm])];
  return sequence.arms.flatMap((name, index) => {
    const current = index + 1 === sequence.step;
    const badge = el("span", { class: current ? `badge ${name}` : "badge plain" }, ARM_NAMES[name]);
    if (current) badge.setAttribute("aria-current", "step");
    return index === 0 ? [badge] : ["\u2192", badge];
  });
}

function submitLabel(reading: Reading): string {
  if (reading.in_revision) return "Submit revision";
  return isFirstOfTwo(reading) ? "Submit first reading" : "Submit and open next";
}

function scoreButton(score: Score, runAction: (action: Action) => void): HTMLButtonElement {
  return button(String(score), () => { runAction(`score${score}`); }, { "aria-label": `Score ${String(score)}` });
}

/** Keep the keyboard on the pad after a click on a button; Tab still reaches every button. */
function keepFocus(event: Event): void {
  if (event.target instanceof HTMLElement && event.target.closest("button") !== null) event.preventDefault();
}

/** The panel beside the image: where one stands, the tools, the pad, what is saved, the keys. */

import { button, el } from "../dom";
import { shownKey } from "../keys";
import type { Action, Bindings } from "../keys";
import type { Cell, Reading } from "./contract";
import { grades } from "./help";
import type { ScorePad } from "./scorepad";
import type { Light } from "./saving/sender";
import { isComplete } from "./session";
import type { Session } from "./session";
import { LIGHTS } from "./saving/unsent/messages";

export interface Place {
  readonly study: string;
  readonly mark: string;
}

export class Panel {
  readonly root = el("aside", { class: "panel", "aria-label": "Scores" });
  /** Below the light: what was not stored. */
  readonly unsent = el("div", { class: "unsent" });
  private readonly arm = el("span", { class: "badge" });
  private readonly count = el("span", { class: "count" });
  private readonly pause: HTMLButtonElement;
  private readonly windowTool: HTMLButtonElement;
  private readonly ownWindow: HTMLButtonElement;
  private readonly scores: HTMLElement;
  private readonly grades = el("p", { class: "grades" });
  private readonly guidesRow: HTMLElement;
  private readonly guidesTool: HTMLButtonElement;
  private readonly strength: HTMLInputElement;
  private readonly comment: HTMLButtonElement;
  private readonly submit: HTMLButtonElement;
  private readonly light = el("p", { class: "light", role: "status" });
  private readonly notice = el("p", { class: "notice", role: "alert" });
  private readonly keys = el("ul", { class: "keys" });
  private readonly links: Partial<Record<Light, readonly [string, string]>>;
  private readonly announcer = el("p", { class: "visually-hidden", role: "status" });

  constructor(
    place: Place,
    pad: ScorePad,
    act: (action: Action) => void,
    more: { useOwnWindow: () => void; setStrength: (share: number) => void; signIn: string; signOut: string; home: string },
  ) {
    this.pause = button("Pause", () => { act("pause"); });
    this.windowTool = button("Window", () => { act("window"); }, { class: "window-tool" });
    this.ownWindow = button("Mine", more.useOwnWindow, {
      class: "own-window",
      title: "Your own window for this scanner",
    });
    this.guidesTool = button("Hide guides", () => { act("guides"); });
    this.strength = el("input", { type: "range", min: 0.2, max: 1, step: 0.05, "aria-label": "Strength of the guides" });
    this.strength.addEventListener("input", () => { more.setStrength(this.strength.valueAsNumber); });
    this.strength.addEventListener("pointerup", () => { this.strength.blur(); });
    this.comment = button("Comment", () => { act("comment"); });
    this.submit = button("Submit and next", () => { act("submit"); }, { class: "submit" });
    this.scores = this.makeScores(act);
    this.guidesRow = el("div", { class: "guides-row", hidden: true }, this.guidesTool, this.strength);
    this.links = { "signed-out": ["Sign in again", more.signIn], "other-user": ["Change account", more.signOut] };
    const help = button("?", () => { act("help"); }, { "aria-label": "Help and keys" });
    const tools = [button("Fit", () => { act("reset"); }), button("Invert", () => { act("invert"); }), this.windowTool];
    this.root.append(
      el(
        "header",
        {},
        el("div", { class: "top" }, el("div", { class: "study" }, el("a", { href: more.home }, place.study)), help),
        el("div", { class: "where" }, this.arm, this.count, this.pause),
        el("p", { class: "mark" }, ["For research, not for diagnosis", place.mark].filter(Boolean).join(". ")),
      ),
      el("div", { class: "tools" }, ...tools, this.ownWindow),
      this.guidesRow,
      pad.root,
      this.scores,
      this.grades,
      el("div", { class: "finish" }, this.comment, this.submit),
      this.light,
      this.unsent,
      this.notice,
      this.keys,
      this.announcer,
    );
    this.root.addEventListener("mousedown", keepFocusAway);
  }

  showReading(reading: Reading, number: number, total: number): void {
    this.arm.className = `badge ${reading.arm}`;
    this.arm.textContent = reading.arm === "guided" ? "Guided" : "Unguided";
    this.count.textContent = `${String(number)} of ${String(total)}`;
    this.grades.textContent = grades(reading.boundary);
    this.guidesRow.hidden = !reading.guides_allowed;
    this.say("");
  }

  showSession(session: Session, comment: string): void {
    const complete = isComplete(session);
    this.submit.classList.toggle("primary", complete);
    this.submit.setAttribute("aria-disabled", String(!complete));
    this.comment.textContent = comment.trim() === "" ? "Comment" : "Comment \u2713";
    this.comment.title = comment;
    this.markScores(session.current === null ? null : session.cells[session.current]);
  }

  showGuides(shown: boolean, strength: number): void {
    this.guidesTool.textContent = shown ? "Hide guides" : "Show guides";
    this.strength.value = String(strength);
  }

  showWindow(name: string, ownOffered: boolean): void {
    this.windowTool.textContent = name;
    this.windowTool.setAttribute("aria-label", `Window: ${name}. Next window`);
    this.windowTool.title = `Window: ${name}. Press for the next one.`;
    this.ownWindow.classList.toggle("away", !ownOffered);
  }

  showLight(light: Light, reason: string): void {
    this.light.className = `light ${light}`;
    this.light.title = reason;
    this.light.replaceChildren(LIGHTS[light]);
    const [words, href] = this.links[light] ?? ["", ""];
    if (href !== "") this.light.append(" ", el("a", { href, target: "_blank", rel: "noopener" }, words));
  }

  /** A sentence that stays until the next action. */
  say(words: string): void {
    this.notice.textContent = words;
  }

  announce(words: string): void {
    this.announcer.textContent = words;
  }

  showKeys(bindings: Bindings, now: readonly (readonly [Action | readonly string[], string])[]): void {
    this.keys.replaceChildren(
      ...now.map(([what, words]) => {
        const names = typeof what === "string" ? bindings[what].split(" ").slice(0, 1) : what;
        return el("li", {}, ...names.map((name) => el("kbd", {}, shownKey(name))), ` ${words}`);
      }),
    );
  }

  private makeScores(act: (action: Action) => void): HTMLElement {
    const digits = ([0, 1, 2, 3] as const).map((score) =>
      button(String(score), () => { act(`score${score}`); }, { "aria-label": `Score ${String(score)}` }),
    );
    const cross = button("\u2715", () => { act("unreadable"); }, { "aria-label": "Not readable", title: "Not readable" });
    return el("div", { class: "scores", role: "group", "aria-label": "Score the current cell" }, ...digits, cross);
  }

  private markScores(cell: Cell | null): void {
    [...this.scores.children].forEach((element, i) => {
      element.setAttribute("aria-pressed", String(cell?.score === i || (i === 4 && (cell?.validity ?? 0) > 0)));
      element.toggleAttribute("disabled", cell === null);
    });
  }
}

/** A click must not take the keyboard away from the pad; Tab still reaches every button. */
function keepFocusAway(event: Event): void {
  if (event.target instanceof HTMLElement && event.target.closest("button") !== null) event.preventDefault();
}

/** The screen shown in place of the image while loading, paused, waiting, finished or after an error. */

import { ApiError } from "../api";
import { button, el } from "../dom";
import type { Progress, Waiting } from "./contract";
import { Refusal } from "./display/phone";

const LOADING_DELAY_MS = 300;

interface ScreenAction {
  readonly label: string;
  readonly run: () => void;
  readonly primary?: boolean;
}

export class StatusScreen {
  readonly root = el("section", { class: "status-screen", hidden: true, "aria-live": "polite" });
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly home: string,
    private readonly signOut: string,
    private readonly practice = "",
  ) {}

  hide(): void {
    clearTimeout(this.timer);
    const activeElement = document.activeElement;
    // A hidden button that keeps the focus would take the keys of the score pad.
    if (activeElement instanceof HTMLElement && this.root.contains(activeElement)) activeElement.blur();
    this.root.hidden = true;
  }

  /** Show the loading text only after a delay, so that a fast response does not flicker. */
  showLoading(text = "Loading the image\u2026"): void {
    this.render("", "", []);
    this.timer = setTimeout(() => { this.render("", text, []); }, LOADING_DELAY_MS);
  }

  showPaused(onContinue: () => void): void {
    const text = "Reading time is not being recorded. The save indicator shows whether your scores are saved. You can continue at any time.";
    this.render("Paused", text, [
      { label: "Continue", run: onContinue, primary: true },
      this.homeAction("Go to my studies"),
    ]);
  }

  showError(error: unknown, onRetry: () => void): void {
    const message = error instanceof ApiError ? error.message : "";
    const retry = { label: "Try again", run: onRetry, primary: true };
    if (error instanceof Refusal) {
      this.render(error.title, error.message, [{ ...this.homeAction("Go to my studies"), primary: true }]);
    } else if (error instanceof ApiError && error.isOtherUser) {
      // Nothing is sent in another person's session, so the account must be changed first.
      this.render("Another person is signed in", `${message} Your unsent scores are saved on this device.`, [
        retry,
        { label: "Switch account", run: () => { window.location.assign(this.signOut); } },
      ]);
    } else {
      this.render("The image could not be loaded", `${message} Scores that you have entered are kept.`, [
        retry,
        this.homeAction("Go to my studies"),
      ]);
    }
  }

  showWaiting(waiting: Waiting, progress: Progress, onRetry: () => void, onRevise: (() => void) | null = null): void {
    // The room shows no time left and no dates, which would make a reader hurry.
    const opensText = waiting.opens_at === null ? "" : " See My studies for the date and time.";
    // After a round, its result says that it is complete.
    const progressText = waiting.code === "round_finished" ? "" : ` ${String(progress.read)} of ${String(progress.total)} read.`;
    const home = this.homeAction(waiting.code === "round_finished" ? "Go to practice" : "Go to my studies");
    const actions = [{ ...home, primary: waiting.code !== "certification" }];
    if (waiting.code === "certification") {
      actions.unshift({ label: "Go to certification", run: () => { window.location.assign(this.practice); }, primary: true });
    } else if (!FINAL_CODES.includes(waiting.code)) {
      actions.push({ label: "Check again", run: onRetry, primary: false });
    }
    if (onRevise !== null) actions.push({ label: "Revise an earlier reading", run: onRevise, primary: false });
    this.render(TITLES[waiting.code] ?? "No case to read at present", `${waiting.message}${opensText}${progressText}`, actions);
  }

  /** Add a sentence to what is shown. */
  addNote(text: string): void {
    this.root.querySelector(".note")?.remove();
    this.root.append(el("p", { class: "note", role: "alert" }, text));
  }

  private homeAction(label: string): ScreenAction {
    return { label, run: () => { window.location.assign(this.home); } };
  }

  private render(title: string, text: string, actions: readonly ScreenAction[]): void {
    clearTimeout(this.timer);
    this.root.replaceChildren(
      ...(title === "" ? [] : [el("h1", {}, title)]),
      el("p", {}, text),
      el(
        "div",
        { class: "actions" },
        ...actions.map(({ label, run, primary }) => button(label, run, { class: primary === true ? "primary" : "" })),
      ),
    );
    this.root.hidden = false;
    // The screen replaces what had the focus; the first button can then be pressed with Enter.
    this.root.querySelector("button")?.focus({ preventScroll: true });
  }
}

/** Checking again changes nothing. */
const FINAL_CODES: readonly string[] = ["done", "locked", "round_finished"];

const TITLES: Readonly<Record<string, string>> = {
  done: "All cases read",
  washout: "Washout period",
  paused: "Study paused",
  locked: "Study locked",
  not_open: "Study not open yet",
  certification: "Certification required",
  round_finished: "All cases scored",
  not_assigned: "No cases assigned yet",
};

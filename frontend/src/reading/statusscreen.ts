/** What stands in the image's place: loading, pause, waiting, the end, an error. */

import { ApiError } from "../api";
import { button, el, written } from "../dom";
import type { Progress, Waiting } from "./contract";

const SHOW_LOADING_AFTER_MS = 300;

interface Choice {
  readonly label: string;
  readonly act: () => void;
  readonly primary?: boolean;
}

export class Curtain {
  readonly root = el("section", { class: "curtain", hidden: true, "aria-live": "polite" });
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly home: string,
    private readonly signOut: string,
  ) {}

  open(): void {
    clearTimeout(this.timer);
    const focused = document.activeElement;
    if (focused instanceof HTMLElement && this.root.contains(focused)) focused.blur();
    this.root.hidden = true;
  }

  /** Nothing at all for a moment; then a word. */
  loading(words = "Fetching the image\u2026"): void {
    this.draw("", "", []);
    this.timer = setTimeout(() => { this.draw("", words, []); }, SHOW_LOADING_AFTER_MS);
  }

  pause(onContinue: () => void): void {
    const text = "The clock has stopped. Your scores are saved as the light says; you can go on at any time.";
    this.draw("Paused", text, [
      { label: "Continue", act: onContinue, primary: true },
      this.goHome("To my studies"),
    ]);
  }

  failed(error: unknown, onRetry: () => void): void {
    const message = error instanceof ApiError ? error.message : "";
    const again = { label: "Try again", act: onRetry, primary: true };
    if (error instanceof ApiError && error.otherUser) {
      this.draw("Another person is signed in", `${message} Your unsent scores are kept on this device.`, [
        again,
        { label: "Change account", act: () => { window.location.assign(this.signOut); } },
      ]);
    } else {
      this.draw("The image could not be fetched", `${message} Scores already given are kept.`, [
        again,
        this.goHome("To my studies"),
      ]);
    }
  }

  waiting(waiting: Waiting, progress: Progress, onRetry: () => void): void {
    const opens = waiting.opens_at === null ? "" : ` Reading continues on ${written(waiting.opens_at)}.`;
    const read = `${String(progress.read)} of ${String(progress.total)} read.`;
    const choices = [{ ...this.goHome("To my studies"), primary: true }];
    if (waiting.code !== "done" && waiting.code !== "locked") {
      choices.push({ label: "Look again", act: onRetry, primary: false });
    }
    this.draw(TITLES[waiting.code] ?? "Nothing to read now", `${waiting.message}${opens} ${read}`, choices);
  }

  private goHome(label: string): Choice {
    return { label, act: () => { window.location.assign(this.home); } };
  }

  private draw(title: string, text: string, choices: readonly Choice[]): void {
    clearTimeout(this.timer);
    this.root.replaceChildren(
      ...(title === "" ? [] : [el("h1", {}, title)]),
      el("p", {}, text),
      el(
        "div",
        { class: "actions" },
        ...choices.map(({ label, act, primary }) => button(label, act, { class: primary === true ? "primary" : "" })),
      ),
    );
    this.root.hidden = false;
    this.root.querySelector("button")?.focus({ preventScroll: true });
  }
}

const TITLES: Readonly<Record<string, string>> = {
  done: "All read",
  washout: "Washout",
  paused: "The study is paused",
  locked: "Reading is over",
  not_open: "Not open yet",
  not_assigned: "No cases yet",
};

/** Revision of submitted readings, and the note in the panel that names the reading on the screen. */

import { ApiError } from "../../api";
import { button, el } from "../../dom";
import type { Reading } from "../contract";
import type { RevisableReadings, RevisionRule } from "./contract";
import { capitalised, chooseReading } from "./dialog";

export interface RevisingRoom {
  readonly api: {
    fetchRevisable(): Promise<RevisableReadings>;
    reviseReading(id: string): Promise<unknown>;
  };
  readonly sender: { readonly unsent: number; whenIdle(): Promise<void> };
  readonly cache: { retain(ids: readonly string[]): void };
  readonly panel: { showNotice(text: string): void };
  readonly statusScreen: { readonly root: HTMLElement; showLoading(): void; addNote(text: string): void };
  closeReading(): void;
  refresh(): Promise<void>;
}

const NOT_ALLOWED = "In this study, submitted readings cannot be revised. Ask a coordinator to reopen the reading.";
const NONE = "No submitted reading can be revised now.";
const UNSENT = "Some scores have not been saved yet. Try again once the save indicator shows \u201cSaved\u201d.";
const OFFLINE = "Revising a reading needs a connection. Try again when you are online.";

export class Revising {
  readonly root = el("section", { class: "reading-note", "aria-label": "This reading" });
  private readonly name = el("p", { class: "reading-name" });
  private readonly reason = el("p", { class: "reopening-reason", hidden: true });
  private readonly earlier = button("Earlier readings", () => void this.choose(), {
    class: "link",
    hidden: true,
    title: "Revise an earlier reading",
  });
  /** The readings that were opened in revision. */
  private readonly revised = new Set<string>();
  private rule: RevisionRule = "never";
  private busy = false;

  constructor(
    private readonly room: RevisingRoom,
    private readonly checkDisplay: () => Promise<void>,
  ) {
    this.root.append(el("div", { class: "reading-name-row" }, this.name, this.earlier), this.reason);
  }

  get isAllowed(): boolean {
    return this.rule !== "never";
  }

  setRule(rule: RevisionRule): void {
    this.rule = rule;
    this.earlier.hidden = !this.isAllowed;
  }

  /** Return what a button on the status screen does, or null where nothing can be revised. */
  offer(waiting: string): (() => void) | null {
    return this.isAllowed && ["done", "washout"].includes(waiting) ? () => void this.choose() : null;
  }

  /** Return how many submissions are the first of their reading: a revision does not change the count of readings. */
  countFirst(submissions: readonly { readonly reading: string }[]): number {
    return submissions.filter(({ reading }) => !this.revised.has(reading)).length;
  }

  show(reading: Reading): void {
    if (reading.in_revision) this.revised.add(reading.id);
    else this.revised.delete(reading.id);
    this.name.textContent = capitalised(reading.name);
    this.name.classList.toggle("in-revision", reading.in_revision);
    this.reason.hidden = reading.reopened === "";
    this.reason.textContent = `Reopened by a coordinator: ${reading.reopened}`;
  }

  /** Let the reader choose a submitted reading and open it; its submission returns to the previous reading. */
  async choose(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await this.chooseAndOpen();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.showNotice(error.status === 0 ? OFFLINE : error.message);
    } finally {
      this.busy = false;
    }
  }

  private async chooseAndOpen(): Promise<void> {
    if (!this.isAllowed) {
      this.showNotice(NOT_ALLOWED);
      return;
    }
    const choice = await chooseReading(this.room.api.fetchRevisable());
    if (choice === "none") this.showNotice(NONE);
    else if (choice !== null) await this.open(choice.id);
  }

  private async open(id: string): Promise<void> {
    const { cache, sender, statusScreen } = this.room;
    // Its comment and time are sent before anything else, and its stored state is loaded again on return.
    this.room.closeReading();
    cache.retain([]);
    statusScreen.showLoading();
    await sender.whenIdle();
    let notice = sender.unsent > 0 ? UNSENT : "";
    if (notice === "") {
      try {
        await this.revise(id);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        notice = error.status === 0 ? OFFLINE : error.message;
      }
    }
    await this.room.refresh();
    if (notice !== "") this.showNotice(notice);
  }

  /** Open a reading on the server, after the display check if its session needs one. */
  private async revise(id: string): Promise<void> {
    try {
      await this.room.api.reviseReading(id);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "display_check") throw error;
      await this.checkDisplay();
      await this.room.api.reviseReading(id);
    }
  }

  /** Show a sentence where the reader looks: below the pad, or on the screen that replaces the image. */
  private showNotice(text: string): void {
    const { panel, statusScreen } = this.room;
    if (statusScreen.root.hidden) panel.showNotice(text);
    else statusScreen.addNote(text);
  }
}

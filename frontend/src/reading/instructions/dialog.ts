/** The dialog with the study's instructions and the scoring guide, one tab for each part. */

import { button, el } from "../../dom";
import { letterForKey } from "../../keys";
import type { Announcement } from "../../schema";
import { announcementContent, announcementTitle, startLabel } from "../between/announcement";
import { ignoreSubmitKey } from "../between/notice";
import type { InstructionPart, Instructions } from "./contract";

interface Options {
  /** The first of these parts that exists is shown first, otherwise the scoring guide. */
  readonly tabs: readonly string[];
  /** The part that the reader must acknowledge; the dialog then has no other way out. */
  readonly acknowledge: InstructionPart | null;
  /** A change of period that is announced above the part. */
  readonly announcement?: Announcement | null;
}

interface Tab {
  readonly code: string;
  readonly title: string;
  readonly html: string;
}

const LOADING = "Loading the instructions\u2026";
const NOT_LOADED = "The instructions could not be loaded. Close this window, check your connection and try again.";

/** Show the instructions once they have loaded; resolves when the dialog is closed, which is possible at any time. */
export function showInstructionsWhenLoaded(loading: Promise<Instructions>, tabs: readonly string[]): Promise<void> {
  const view = new InstructionsDialog({ tabs, acknowledge: null });
  // At once, so that keys pressed meanwhile score nothing, and the dialog does not open in the middle of other work.
  loading.then((instructions) => { view.fill(instructions); }, () => { view.state(NOT_LOADED); });
  view.state(LOADING, "loading-text");
  return view.show();
}

/** Show the dialog; resolves when it is closed or the part is acknowledged. */
export function showInstructions(instructions: Instructions, options: Options): Promise<void> {
  const view = new InstructionsDialog(options);
  view.fill(instructions);
  return view.show();
}

class InstructionsDialog {
  private readonly dialog = el("dialog", { class: "instructions", "aria-label": "Instructions" });
  private readonly content = el("div", { class: "prose instructions-text", tabindex: 0, role: "tabpanel" });
  private readonly tabList = el("div", { class: "instruction-tabs", role: "tablist" });
  private buttons = new Map<string, HTMLButtonElement>();

  constructor(private readonly options: Options) {
    const { acknowledge, announcement = null } = options;
    const close = (): void => { this.dialog.close(); };
    const confirm = acknowledge === null
      ? button("Close", close, { class: "primary" })
      : button(announcement === null ? "I have read this" : startLabel(announcement), close, { class: "primary" });
    this.dialog.addEventListener("keydown", (event) => {
      // Keys must not score cells of the reading behind the dialog.
      event.stopPropagation();
      ignoreSubmitKey(event);
      if (announcement !== null && event.key === "Enter" && !event.defaultPrevented && !(event.target instanceof HTMLButtonElement)) close();
      if (acknowledge === null && letterForKey(event) === "h") close();
    });
    // Escape must not bypass the acknowledgement.
    this.dialog.addEventListener("cancel", (event) => { if (acknowledge !== null) event.preventDefault(); });
    const heading = acknowledge === null ? "Instructions" : `Please read: ${acknowledge.title}`;
    const titles = announcement === null
      ? [el("h2", {}, heading)]
      : [el("h2", {}, announcementTitle(announcement)), announcementContent(announcement), el("h3", {}, heading)];
    this.dialog.append(
      el(
        "article",
        { class: "wide" },
        el("header", {}, ...titles, this.tabList),
        this.content,
        el("div", { class: "actions" }, el("p", { class: "muted" }, closingText(acknowledge !== null)), confirm),
      ),
    );
  }

  /** Show a sentence in place of the instructions. */
  state(text: string, className = "muted"): void {
    this.content.replaceChildren(el("p", { class: className, role: "status" }, text));
  }

  fill({ parts, guide }: Instructions): void {
    const tabs: Tab[] = [
      ...parts.map(({ part, title, html }) => ({ code: part, title, html })),
      { code: "guide", title: "Scoring guide", html: guide },
    ];
    this.buttons = new Map(tabs.map((tab) => [tab.code, tabButton(tab, () => { this.select(tab); })]));
    this.tabList.replaceChildren(...this.buttons.values());
    const code = this.options.tabs.find((name) => this.buttons.has(name)) ?? "guide";
    this.select(tabs.find((tab) => tab.code === code) ?? (tabs[0] as Tab));
  }

  show(): Promise<void> {
    return new Promise((resolve) => {
      this.dialog.addEventListener("close", () => {
        this.dialog.remove();
        resolve();
      });
      document.body.append(this.dialog);
      this.dialog.showModal();
      // So that the arrow keys scroll the text.
      this.content.focus();
    });
  }

  private select({ code, title, html }: Tab): void {
    for (const [name, element] of this.buttons) element.setAttribute("aria-selected", String(name === code));
    this.content.setAttribute("aria-label", title);
    this.content.replaceChildren(...parseHtml(html));
    this.content.scrollTop = 0;
  }
}

function closingText(acknowledging: boolean): string {
  return acknowledging
    ? "Your confirmation is recorded. To read this text again at any time, press the key for the guide (h by default)."
    : "";
}

function tabButton({ title }: Tab, onClick: () => void): HTMLButtonElement {
  return button(title, onClick, { role: "tab", "aria-selected": "false" });
}

/** Parse HTML that the server has sanitised. Nothing in a parsed document runs or loads before it is inserted. */
function parseHtml(html: string): Node[] {
  return [...new DOMParser().parseFromString(html, "text/html").body.childNodes];
}

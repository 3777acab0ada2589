/** The dialog with the study's instructions and the scoring guide, one tab for each part. */

import { button, el } from "../../dom";
import { letterForKey } from "../../keys";
import type { Announcement } from "../../schema";
import { announcementContent, announcementTitle, startLabel } from "../between/announcement";
import { ignoreSubmitKey } from "../between/notice";
import type { InstructionPart, Instructions } from "./contract";

interface Options {
  readonly tab: string;
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

/** Show the dialog; resolves when it is closed or the part is acknowledged. */
export function showInstructions(instructions: Instructions, { tab, acknowledge, announcement = null }: Options): Promise<void> {
  return new Promise((resolve) => {
    const tabs: Tab[] = [
      ...instructions.parts.map(({ part, title, html }) => ({ code: part, title, html })),
      { code: "guide", title: "Scoring guide", html: instructions.guide },
    ];
    const dialog = el("dialog", { class: "instructions", "aria-label": "Instructions" });
    const content = el("div", { class: "prose instructions-text", tabindex: 0, role: "tabpanel" });
    const buttons = new Map(tabs.map((entry) => [entry.code, tabButton(entry, () => { select(entry); })]));
    const select = (entry: Tab): void => {
      for (const [code, element] of buttons) element.setAttribute("aria-selected", String(code === entry.code));
      content.setAttribute("aria-label", entry.title);
      content.replaceChildren(...parseHtml(entry.html));
      content.scrollTop = 0;
    };
    const close = (): void => { dialog.close(); };
    const confirm = acknowledge === null
      ? button("Close", close, { class: "primary" })
      : button(announcement === null ? "I have read this" : startLabel(announcement), close, { class: "primary" });
    dialog.addEventListener("keydown", (event) => {
      // Keys must not score cells of the reading behind the dialog.
      event.stopPropagation();
      ignoreSubmitKey(event);
      if (announcement !== null && event.key === "Enter" && !event.defaultPrevented && !(event.target instanceof HTMLButtonElement)) close();
      if (acknowledge === null && letterForKey(event) === "h") close();
    });
    // Escape must not bypass the acknowledgement.
    dialog.addEventListener("cancel", (event) => { if (acknowledge !== null) event.preventDefault(); });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    const heading = acknowledge === null ? "Instructions" : `Please read: ${acknowledge.title}`;
    const titles = announcement === null
      ? [el("h2", {}, heading)]
      : [el("h2", {}, announcementTitle(announcement)), announcementContent(announcement), el("h3", {}, heading)];
    dialog.append(
      el(
        "article",
        { class: "wide" },
        el("header", {}, ...titles, el("div", { class: "instruction-tabs", role: "tablist" }, ...buttons.values())),
        content,
        el("div", { class: "actions" }, el("p", { class: "muted" }, closingText(acknowledge !== null)), confirm),
      ),
    );
    select(tabs.find(({ code }) => code === tab) ?? (tabs[0] as Tab));
    document.body.append(dialog);
    dialog.showModal();
    // So that the arrow keys scroll the text.
    content.focus();
  });
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

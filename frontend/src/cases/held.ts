/** The sheet of held images, worked through by keyboard: arrows, r release, x refuse, Enter large. */

import { ApiError, getJson } from "../api";
import { button, el } from "../dom";
import type { Case } from "./contract";
import { decide, decisionsFor } from "./decisions";
import { stepInGrid } from "./grid";

export interface HeldPlace {
  readonly study: string;
  readonly api: string;
}

export class HeldSheet {
  private readonly notice = el("div", { role: "status" });
  private readonly sheet = el("ul", { class: "sheet large" });
  private readonly waiting = new Set<string>();

  constructor(
    private readonly root: HTMLElement,
    private readonly place: HeldPlace,
  ) {
    this.sheet.addEventListener("keydown", (event) => { this.key(event); });
  }

  async begin(): Promise<void> {
    const path = `${this.place.api}studies/${this.place.study}/cases?state=held`;
    try {
      const { results } = await getJson<{ results: readonly Case[] }>(path);
      this.show(results);
    } catch (error) {
      this.root.replaceChildren(this.notice);
      this.say("warning", error instanceof ApiError ? error.message : String(error));
    }
  }

  private show(cases: readonly Case[]): void {
    if (cases.length === 0) {
      this.root.replaceChildren(empty(this.place.study));
      return;
    }
    for (const found of cases) this.waiting.add(found.id);
    this.sheet.replaceChildren(...cases.map((found) => this.item(found)));
    this.root.replaceChildren(keysLine(), this.notice, this.sheet);
    this.say("", this.left());
    this.items()[0]?.focus({ preventScroll: true });
  }

  private item(found: Case): HTMLLIElement {
    const shot = el("a", { class: "shot", href: `/cases/${found.id}`, tabindex: -1, "aria-label": `Open ${found.label} large` });
    if (found.thumbnail !== null) shot.append(el("img", { src: found.thumbnail, alt: "", loading: "lazy" }));
    const item = el("li", { tabindex: -1, "aria-label": `${found.label}, ${found.reason?.text ?? "held"}` });
    const actions = el(
      "div",
      { class: "actions" },
      button("Release", () => void this.carryOut(found, item, "release")),
      button("Refuse", () => void this.carryOut(found, item, "refuse")),
    );
    const why = el("span", { class: "muted" }, found.reason?.text ?? "");
    const about = el("span", { class: "muted" }, [found.site.name, found.scanner].filter(Boolean).join(", "));
    item.append(shot, el("div", { class: "caption" }, el("strong", {}, found.label), about, why, actions));
    item.addEventListener("focus", () => { this.mark(item); });
    item.addEventListener("keydown", (event) => {
      if (event.target !== item) return;
      if (event.key === "r") void this.carryOut(found, item, "release");
      else if (event.key === "x") void this.carryOut(found, item, "refuse");
      else if (event.key === "Enter") shot.click();
      else return;
      event.preventDefault();
    });
    return item;
  }

  private async carryOut(found: Case, item: HTMLLIElement, path: "release" | "refuse"): Promise<void> {
    const decision = decisionsFor(found).find((one) => one.path === path);
    if (decision === undefined || !this.waiting.has(found.id)) return;
    try {
      const after = await decide(this.place.api, found, decision);
      if (after === null) {
        item.focus();
        return;
      }
      this.waiting.delete(found.id);
      item.classList.add("done");
      item.querySelector(".actions")?.replaceWith(el("strong", {}, path === "release" ? "Released" : "Refused"));
      this.say("good", `${found.label} ${path === "release" ? "released" : "refused"}. ${this.left()}`);
      this.focusNextWaiting(item);
    } catch (error) {
      this.say("warning", error instanceof ApiError ? error.message : String(error));
    }
  }

  private key(event: KeyboardEvent): void {
    const items = this.items();
    const at = items.findIndex((item) => item === event.target);
    if (at < 0) return;
    const columns = items.filter((item) => item.offsetTop === items[0]?.offsetTop).length;
    const next = stepInGrid(event.key, at, items.length, columns);
    if (next === null) return;
    event.preventDefault();
    this.focus(next);
  }

  private focusNextWaiting(from: HTMLLIElement): void {
    const items = this.items();
    const after = [...items.slice(items.indexOf(from) + 1), ...items];
    const next = after.find((item) => !item.classList.contains("done"));
    next?.focus();
  }

  private focus(index: number): void {
    this.items()[index]?.focus();
  }

  private mark(current: HTMLLIElement): void {
    for (const item of this.items()) item.tabIndex = item === current ? 0 : -1;
  }

  private items(): HTMLLIElement[] {
    return [...this.sheet.children].filter((child): child is HTMLLIElement => child instanceof HTMLLIElement);
  }

  private left(): string {
    const count = this.waiting.size;
    return count === 0 ? "Nothing is held any more." : `${String(count)} still to look at.`;
  }

  private say(kind: string, words: string): void {
    this.notice.replaceChildren(el("p", { class: `message ${kind}` }, words));
  }
}

function keysLine(): HTMLElement {
  const keys = [["\u2190 \u2192 \u2191 \u2193", "move"], ["r", "release"], ["x", "refuse, with a reason"], ["Enter", "open large"]] as const;
  return el("p", { class: "sheet-keys" }, ...keys.flatMap(([key, does]) => [el("kbd", {}, key), ` ${does}   `]));
}

function empty(study: string): HTMLElement {
  return el(
    "div",
    { class: "empty" },
    el("h2", {}, "Nothing is held"),
    el("p", {}, "Images that may show a name, or that may not be a lateral spine, wait here for your look."),
    el("div", { class: "actions" }, el("a", { role: "button", class: "primary", href: `/studies/${study}/cases` }, "To the cases")),
  );
}

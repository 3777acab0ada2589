/** The table of files: on their way, and what became of them. */

import { stateBadge } from "../cases/states";
import type { Upload } from "../cases/contract";
import { badge, button, el } from "../dom";
import type { Transfer } from "./transfers";

const STATUS: Readonly<Record<Upload["status"], readonly [string, string]>> = {
  accepted: ["good", "added"],
  held: ["doubt", "added, pending de-identification review"],
  duplicate: ["", "already here"],
  refused: ["warning", "not added"],
};

const ON_ITS_WAY: Readonly<Record<Transfer["state"], string>> = {
  waiting: "waiting",
  sending: "sending",
  checking: "being checked",
  retrying: "the line is down, trying again",
  failed: "not sent",
  done: "sent",
};

export function transferRow(transfer: Transfer, onAgain: () => void): HTMLTableRowElement {
  const percent = Math.round(transfer.share * 100);
  const state = el("td", {});
  if (transfer.state === "failed") {
    state.append(badge("warning", ON_ITS_WAY.failed), el("p", { class: "why" }, transfer.problem));
  } else {
    const bar = el("progress", { max: 100, value: percent, "aria-label": `${transfer.found.path} sent` });
    state.append(el("div", { class: "on-its-way" }, bar, el("span", {}, words(transfer, percent))));
  }
  const last = transfer.state === "failed" ? button("Try again", onAgain) : null;
  return el("tr", {}, name(transfer.found.path), state, el("td", {}), el("td", { class: "number" }, last));
}

function words(transfer: Transfer, percent: number): string {
  return transfer.state === "sending" ? `${String(percent)} %` : ON_ITS_WAY[transfer.state];
}

export function uploadRow(upload: Upload, onDismiss: () => void): HTMLTableRowElement {
  const [kind, word] = STATUS[upload.status];
  const status = el("td", {}, badge(kind, word));
  if (upload.reason !== null) {
    status.append(el("p", { class: "why" }, upload.reason.text));
    if (upload.reason.detail !== undefined && upload.reason.detail !== "") {
      status.append(el("details", {}, el("summary", {}, "Details"), el("p", {}, upload.reason.detail)));
    }
  }
  const found = upload.case;
  const where = el("td", {});
  if (found !== null) {
    where.append(el("a", { href: `/cases/${found.id}` }, found.label));
    if (found.state !== "held") where.append(" ", stateBadge(found));
    if (found.reason !== null && found.state !== "held") where.append(el("p", { class: "why" }, found.reason.text));
  }
  const dismiss = button("Dismiss", onDismiss, { "aria-label": `Dismiss ${upload.name}` });
  return el("tr", {}, name(upload.name), status, where, el("td", { class: "number" }, dismiss));
}

function name(path: string): HTMLTableCellElement {
  return el("th", { scope: "row", class: "file-name", title: path }, path);
}

/** The table of files: on their way, and what became of them. */

import { stateBadge } from "../cases/states";
import type { Upload } from "../cases/contract";
import { badge, button, el } from "../dom";
import type { Transfer } from "./transfers";

const STATUS: Readonly<Record<Upload["status"], readonly [string, string]>> = {
  accepted: ["good", "added"],
  held: ["doubt", "added, pending de-identification review"],
  replaced: ["good", "replaced"],
  duplicate: ["", "already here"],
  refused: ["warning", "not added"],
};

const ON_ITS_WAY: Readonly<Record<Transfer["state"], string>> = {
  waiting: "waiting",
  sending: "sending",
  checking: "being checked",
  busy: "waiting for the server",
  retrying: "connection lost, trying again",
  unanswered: "no answer yet",
  failed: "not sent",
  done: "sent",
};

export interface TransferActions {
  again(): void;
  dismiss(): void;
}

export function transferRow(transfer: Transfer, actions: TransferActions): HTMLTableRowElement {
  const { path } = transfer.found;
  const percent = Math.round(transfer.share * 100);
  const state = el("td", {});
  const buttons = el("td", { class: "number" });
  if (transfer.state === "failed" || transfer.state === "unanswered") {
    const kind = transfer.state === "failed" ? "warning" : "doubt";
    state.append(badge(kind, ON_ITS_WAY[transfer.state]), el("p", { class: "why" }, transfer.problem));
    if (transfer.retryable) buttons.append(button("Send again", actions.again, { "aria-label": `Send ${path} again` }), " ");
    buttons.append(button("Dismiss", actions.dismiss, { "aria-label": `Dismiss ${path}` }));
  } else {
    const bar = el("progress", { max: 100, value: percent, "aria-label": `${path} sent` });
    state.append(el("div", { class: "on-its-way" }, bar, el("span", {}, words(transfer, percent))));
  }
  return el("tr", {}, name(path), state, el("td", {}), buttons);
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

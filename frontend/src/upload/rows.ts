/** Rows of the upload table: files being sent, and uploaded files with their result. */

import { stateBadge } from "../cases/states";
import type { Upload } from "../cases/contract";
import { badge, button, el } from "../dom";
import type { Transfer } from "./transfers";

const STATUS_BADGES: Readonly<Record<Upload["status"], readonly [string, string]>> = {
  accepted: ["good", "added"],
  pending_review: ["doubt", "added, pending de-identification review"],
  replaced: ["good", "replaced"],
  duplicate: ["", "already in the study"],
  rejected: ["warning", "not added"],
};

const TRANSFER_LABELS: Readonly<Record<Transfer["state"], string>> = {
  waiting: "waiting",
  sending: "sending",
  checking: "being checked",
  busy: "waiting for the server",
  retrying: "connection lost, retrying",
  unanswered: "no response yet",
  failed: "not sent",
  done: "sent",
};

export interface TransferActions {
  retry(): void;
  dismiss(): void;
}

export function transferRow(transfer: Transfer, actions: TransferActions): HTMLTableRowElement {
  const { path } = transfer.file;
  const percent = Math.round(transfer.sentShare * 100);
  const state = el("td", {});
  const buttons = el("td", { class: "number" });
  if (transfer.state === "failed" || transfer.state === "unanswered") {
    const kind = transfer.state === "failed" ? "warning" : "doubt";
    state.append(badge(kind, TRANSFER_LABELS[transfer.state]), el("p", { class: "reason" }, transfer.problem));
    if (transfer.retryable) buttons.append(button("Send again", actions.retry, { "aria-label": `Send ${path} again` }), " ");
    buttons.append(button("Dismiss", actions.dismiss, { "aria-label": `Dismiss ${path}` }));
  } else {
    const bar = el("progress", { max: 100, value: percent, "aria-label": `${path} sent` });
    state.append(el("div", { class: "transfer-progress" }, bar, el("span", {}, progressLabel(transfer, percent))));
  }
  return el("tr", {}, fileNameCell(path), state, el("td", {}), buttons);
}

function progressLabel(transfer: Transfer, percent: number): string {
  return transfer.state === "sending" ? `${String(percent)} %` : TRANSFER_LABELS[transfer.state];
}

export function uploadRow(upload: Upload, onDismiss: () => void): HTMLTableRowElement {
  const [kind, label] = STATUS_BADGES[upload.status];
  const status = el("td", {}, badge(kind, label));
  if (upload.reason !== null) {
    status.append(el("p", { class: "reason" }, upload.reason.text));
    if (upload.reason.detail !== undefined && upload.reason.detail !== "") {
      status.append(el("details", {}, el("summary", {}, "Details"), el("p", {}, upload.reason.detail)));
    }
  }
  const caseItem = upload.case;
  const caseCell = el("td", {});
  if (caseItem !== null) {
    caseCell.append(el("a", { href: `/cases/${caseItem.id}` }, caseItem.label));
    if (caseItem.state !== "pending_review") caseCell.append(" ", stateBadge(caseItem));
    if (caseItem.reason !== null && caseItem.state !== "pending_review") caseCell.append(el("p", { class: "reason" }, caseItem.reason.text));
  }
  const dismiss = button("Dismiss", onDismiss, { "aria-label": `Dismiss ${upload.name}` });
  return el("tr", {}, fileNameCell(upload.name), status, caseCell, el("td", { class: "number" }, dismiss));
}

function fileNameCell(path: string): HTMLTableCellElement {
  return el("th", { scope: "row", class: "file-name", title: path }, path);
}

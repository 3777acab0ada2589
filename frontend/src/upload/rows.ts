/** Rows of the upload table: files being sent, and uploaded files with their result. */

import { html, nothing } from "lit-html";
import type { TemplateResult } from "lit-html";
import { badge } from "../badge";
import type { Upload } from "../cases/contract";
import { stateBadge } from "../cases/states";
import { isStopped } from "./transfers";
import type { Transfer } from "./transfers";

const STATUS_BADGES: Readonly<Record<Upload["status"], readonly [string, string]>> = {
  accepted: ["good", "added"],
  pending_review: ["caution", "added, pending de-identification review"],
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

export function transferRow(transfer: Transfer, onRetry: () => void, onDismiss: () => void): TemplateResult {
  const { path } = transfer.file;
  if (!isStopped(transfer)) return html`<tr>${fileNameCell(path)}<td>${progress(transfer)}</td><td></td><td class="number"></td></tr>`;
  const kind = transfer.state === "failed" ? "warning" : "caution";
  const retry = html`<button type="button" aria-label="Send ${path} again" @click=${onRetry}>Send again</button> `;
  return html`<tr>
    ${fileNameCell(path)}
    <td>${badge(kind, TRANSFER_LABELS[transfer.state])}<p class="reason">${transfer.problem}</p></td>
    <td></td>
    <td class="number">${transfer.retryable ? retry : nothing}${dismissButton(path, onDismiss)}</td>
  </tr>`;
}

function progress(transfer: Transfer): TemplateResult {
  const percent = Math.round(transfer.sentShare * 100);
  return html`<div class="transfer-progress">
    <progress max="100" value=${percent} aria-label="${transfer.file.path} sent"></progress>
    <span>${transfer.state === "sending" ? `${String(percent)} %` : TRANSFER_LABELS[transfer.state]}</span>
  </div>`;
}

export function uploadRow(upload: Upload, onDismiss: () => void): TemplateResult {
  const { name, reason } = upload;
  return html`<tr>
    ${fileNameCell(name)}
    <td>
      ${badge(...STATUS_BADGES[upload.status])}
      ${reason === null ? nothing : html`<p class="reason">${reason.text}</p>`}
      ${reason?.detail ? html`<details><summary>Details</summary><p>${reason.detail}</p></details>` : nothing}
    </td>
    <td>${upload.case === null ? nothing : caseLink(upload.case)}</td>
    <td class="number">${dismissButton(name, onDismiss)}</td>
  </tr>`;
}

function caseLink(caseItem: NonNullable<Upload["case"]>): TemplateResult {
  const link = html`<a href="/cases/${caseItem.id}">${caseItem.label}</a>`;
  if (caseItem.state === "pending_review") return link;
  return html`${link} ${stateBadge(caseItem)}${caseItem.reason === null ? nothing : html`<p class="reason">${caseItem.reason.text}</p>`}`;
}

function fileNameCell(path: string): TemplateResult {
  return html`<th scope="row" class="file-name" title=${path}>${path}</th>`;
}

function dismissButton(path: string, onDismiss: () => void): TemplateResult {
  return html`<button type="button" class="link" aria-label="Dismiss ${path}" @click=${onDismiss}>Dismiss</button>`;
}

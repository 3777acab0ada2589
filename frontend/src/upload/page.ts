/** The upload page: selection of files, their transfer, and the result of each. */

import { getJson, sendJson, uploadForm } from "../api";
import type { AddedUploads, Upload, UploadList } from "../cases/contract";
import { button, el } from "../dom";
import { UploadForm } from "./dropzone";
import type { Site } from "./dropzone";
import { transferRow, uploadRow } from "./rows";
import type { SelectedFile } from "./selectedfiles";
import { NO_COUNTS, countUploads, summaryParts } from "./summary";
import { Transfers } from "./transfers";
import type { Transfer } from "./transfers";
import { expandArchives } from "./unpack";
import { mergeUploads, pageCursor } from "./visiblerows";

export interface UploadPageData {
  readonly study: string;
  readonly api: string;
  readonly sites: readonly Site[];
}

const POLL_MS = 2_500;
const PAGE_SIZE = 60;
/** Tolerated difference between the clocks of browser and server. */
const MAX_CLOCK_SKEW_MS = 5 * 60_000;

export class UploadPage {
  private readonly path: string;
  private readonly form: UploadForm;
  private readonly summary = el("div", { class: "upload-summary", role: "status" });
  /** The table shows files that were not sent first, then results, then files being sent. */
  private readonly failedRows = el("tbody");
  private readonly uploadRows = el("tbody");
  private readonly transferRows = el("tbody");
  private readonly table: HTMLElement;
  private readonly transfers: Transfers<AddedUploads>;
  private readonly rowByTransfer = new Map<number, HTMLTableRowElement>();
  private readonly older = el("div", { class: "actions", hidden: true });
  private uploads: readonly Upload[] = [];
  private rows = new Map<string, HTMLTableRowElement>();
  private counts = NO_COUNTS;
  private limit = PAGE_SIZE;
  private cursor: string | null = null;
  /** Whether files have arrived since the counts were last requested. */
  private isStale = false;
  private polling: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly page: UploadPageData,
  ) {
    this.path = `${page.api}studies/${page.study}/uploads`;
    this.form = new UploadForm(page.sites, (files) => void this.addFiles(files));
    this.transfers = new Transfers((transfer, onProgress) => this.post(transfer, onProgress), {
      changed: (transfer) => { this.showTransfer(transfer); },
      done: (transfer, response) => { this.handleDone(transfer, response); },
    });
    const headings = ["File", "Result", "Case", ""].map((text) => el("th", { scope: "col" }, text));
    const head = el("thead", {}, el("tr", {}, ...headings));
    const table = el("table", { class: "table uploads" }, head, this.failedRows, this.uploadRows, this.transferRows);
    this.table = el("div", { class: "table-wrap", hidden: true }, table);
  }

  async start(): Promise<void> {
    this.older.append(button("Show older files", () => void this.showOlder()));
    this.root.replaceChildren(this.form.root, this.summary, this.table, this.older);
    window.addEventListener("beforeunload", (event) => {
      if (this.transfers.unfinished > 0) event.preventDefault();
    });
    await this.poll();
  }

  private async addFiles(files: readonly SelectedFile[]): Promise<void> {
    if (files.length === 0) return;
    if (this.form.site.value === "") {
      this.summary.replaceChildren(el("p", { class: "message warning" }, "No site is selected, so nothing was sent. Choose the site, then select the files again."));
      this.form.site.focus();
      return;
    }
    const site = this.form.site.value;
    this.transfers.add(await expandArchives(files), site);
  }

  private async post(transfer: Transfer, onProgress: (sentShare: number) => void): Promise<AddedUploads> {
    const form = new FormData();
    form.append("site", transfer.site);
    form.append("name", transfer.file.path);
    form.append("file", await transfer.file.open(), transfer.file.path.split("/").at(-1) ?? "");
    return uploadForm(this.path, form, onProgress);
  }

  private showTransfer(transfer: Transfer): void {
    const row = transferRow(transfer, {
      retry: () => { this.transfers.retry(transfer); },
      dismiss: () => { this.removeTransfer(transfer); },
    });
    const before = this.rowByTransfer.get(transfer.key);
    const body = transfer.state === "failed" || transfer.state === "unanswered" ? this.failedRows : this.transferRows;
    if (before?.parentElement === body) before.replaceWith(row);
    else {
      before?.remove();
      body.append(row);
    }
    this.rowByTransfer.set(transfer.key, row);
    this.renderSummary();
    if (transfer.state === "unanswered") this.pollSoon();
  }

  private removeTransfer(transfer: Transfer): void {
    this.transfers.remove(transfer);
    this.removeRow(transfer);
    this.renderSummary();
  }

  private removeRow(transfer: Transfer): void {
    this.rowByTransfer.get(transfer.key)?.remove();
    this.rowByTransfer.delete(transfer.key);
  }

  /** Remove transfers without a response whose result has appeared in the list after all. */
  private removeAnswered(received: readonly Upload[]): void {
    for (const transfer of this.transfers.withState("unanswered")) {
      const since = transfer.startedAt - MAX_CLOCK_SKEW_MS;
      const isReceived = received.some(({ name, at }) => name === transfer.file.path && Date.parse(at) >= since);
      if (isReceived) this.removeTransfer(transfer);
    }
  }

  private handleDone(transfer: Transfer, response: AddedUploads): void {
    this.removeRow(transfer);
    this.isStale = true;
    this.showUploads(mergeUploads(this.uploads, response.results, this.limit));
    this.pollSoon();
  }

  /** Show exactly these uploads. Unchanged rows are not replaced, so that focus and open details stay. */
  private showUploads(uploads: readonly Upload[]): void {
    const before = new Map(this.uploads.map((upload) => [upload.id, JSON.stringify(upload)]));
    const rows = new Map<string, HTMLTableRowElement>();
    const visibleIds = new Set(uploads.map(({ id }) => id));
    for (const [id, row] of this.rows) if (!visibleIds.has(id)) row.remove();
    let next = this.uploadRows.firstElementChild;
    for (const upload of uploads) {
      const existing = this.rows.get(upload.id);
      const isUnchanged = existing !== undefined && before.get(upload.id) === JSON.stringify(upload);
      const row = isUnchanged ? existing : uploadRow(upload, () => void this.dismiss(upload));
      if (!isUnchanged && existing !== undefined) {
        existing.replaceWith(row);
        if (existing === next) next = row;
      }
      if (row === next) next = row.nextElementSibling;
      else this.uploadRows.insertBefore(row, next);
      rows.set(upload.id, row);
    }
    this.uploads = uploads;
    this.rows = rows;
    this.renderSummary();
  }

  private async showOlder(): Promise<void> {
    const last = this.uploads.at(-1);
    if (last === undefined) return;
    const { results, counts } = await getJson<UploadList>(`${this.path}?before=${encodeURIComponent(pageCursor(last))}`);
    this.limit += PAGE_SIZE;
    this.counts = counts;
    this.showUploads(mergeUploads(this.uploads, results, this.limit, true));
    const first = results[0];
    if (first !== undefined) this.rows.get(first.id)?.querySelector("button")?.focus();
  }

  private async dismiss(upload: Upload): Promise<void> {
    await sendJson("POST", `${this.page.api}uploads/${upload.id}/dismiss`);
    this.counts = { ...this.counts, [upload.status]: Math.max(0, this.counts[upload.status] - 1) };
    this.showUploads(this.uploads.filter(({ id }) => id !== upload.id));
  }

  private async dismissAll(): Promise<void> {
    await sendJson("POST", `${this.path}/dismiss-all`);
    const stopped = [...this.transfers.withState("failed"), ...this.transfers.withState("unanswered")];
    for (const transfer of stopped) this.removeTransfer(transfer);
    this.counts = NO_COUNTS;
    this.limit = PAGE_SIZE;
    this.showUploads([]);
  }

  private renderSummary(): void {
    const { counts, page, transfers } = this;
    this.table.hidden = this.uploads.length === 0 && this.rowByTransfer.size === 0;
    this.form.setCompact(!this.table.hidden);
    this.older.hidden = this.uploads.length === 0 || this.uploads.length >= countUploads(counts);
    const transferCounts = {
      unfinished: transfers.unfinished,
      done: transfers.withState("done").length,
      failed: transfers.withState("failed").length,
      all: transfers.all.length,
    };
    const reviewUrl = `/studies/${page.study}/deidentification`;
    this.summary.replaceChildren(...summaryParts(counts, transferCounts, reviewUrl, () => void this.dismissAll()));
  }

  private pollSoon(): void {
    const unanswered = this.transfers.withState("unanswered").length > 0;
    const waiting = this.isStale || this.counts.analysing > 0 || this.cursor === null || unanswered;
    if (waiting) this.polling ??= setTimeout(() => void this.poll(), POLL_MS);
  }

  /** Request the changes since the last call; the first call requests the newest files. */
  private async poll(): Promise<void> {
    try {
      this.isStale = false;
      let more = true;
      while (more) {
        const since = this.cursor === null ? "" : `?since=${encodeURIComponent(this.cursor)}`;
        const response = await getJson<UploadList>(`${this.path}${since}`);
        ({ cursor: this.cursor, counts: this.counts, more } = response);
        this.removeAnswered(response.results);
        this.showUploads(mergeUploads(this.uploads, response.results, this.limit));
      }
    } catch {
      this.isStale = true; // The list stays unchanged, and the next poll tries again.
    } finally {
      this.polling = undefined;
      this.pollSoon();
    }
  }
}

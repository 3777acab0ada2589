/** The upload page: selection of files, their transfer, and the result of each. */

import { html, nothing, render } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { getJson, sendJson, uploadForm } from "../api";
import type { AddedUploads, Upload, UploadList } from "../cases/contract";
import { UploadForm } from "./dropzone";
import type { Site } from "./dropzone";
import { transferRow, uploadRow } from "./rows";
import type { SelectedFile } from "./selectedfiles";
import { NO_COUNTS, countUploads, summary } from "./summary";
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
const NO_SITE = "No site is selected, so nothing was sent. Choose the site, then select the files again.";

export class UploadPage {
  private readonly path: string;
  private readonly form: UploadForm;
  private readonly transfers: Transfers<AddedUploads>;
  private uploads: readonly Upload[] = [];
  private counts = NO_COUNTS;
  private limit = PAGE_SIZE;
  private cursor: string | null = null;
  private isSiteMissing = false;
  private isRenderPending = false;
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
      done: (_, response) => { this.handleDone(response); },
    });
  }

  async start(): Promise<void> {
    this.render();
    window.addEventListener("beforeunload", (event) => {
      // The browser asks before the page is left, because files that are not sent yet would be lost.
      if (this.transfers.moving.length > 0) event.preventDefault();
    });
    await this.poll();
  }

  /** Rows keep their elements while they change, so that focus, open details and scroll position stay. */
  private render(): void {
    const { transfers, uploads } = this;
    const { moving, stopped } = transfers;
    const isEmpty = uploads.length + moving.length + stopped.length === 0;
    this.isRenderPending = false;
    this.form.setCompact(!isEmpty);
    render(html`
      ${this.form.root}
      <div class="upload-summary" role="status">
        ${this.isSiteMissing ? html`<p class="message warning">${NO_SITE}</p>` : nothing}
        ${summary(this.counts, transfers, `/studies/${this.page.study}/deidentification`, () => void this.dismissAll())}
      </div>
      <div class="table-wrap" ?hidden=${isEmpty}>
        <table class="table uploads">
          <thead><tr><th scope="col">File</th><th scope="col">Result</th><th scope="col">Case</th><th scope="col"></th></tr></thead>
          <tbody>${this.transferRows(stopped)}</tbody>
          <tbody class="results">${repeat(uploads, ({ id }) => id, (upload) => uploadRow(upload, () => void this.dismiss(upload)))}</tbody>
          <tbody>${this.transferRows(moving)}</tbody>
        </table>
      </div>
      <div class="actions" ?hidden=${uploads.length === 0 || uploads.length >= countUploads(this.counts)}>
        <button type="button" @click=${() => void this.showOlder()}>Show older files</button>
      </div>
    `, this.root);
  }

  private transferRows(transfers: readonly Transfer[]): unknown {
    return repeat(transfers, ({ key }) => key, (transfer) =>
      transferRow(transfer, () => { this.transfers.retry(transfer); }, () => { this.removeTransfer(transfer); }));
  }

  /** Render once after several changes: a selected folder adds thousands of transfers at once. */
  private renderSoon(): void {
    if (this.isRenderPending) return;
    this.isRenderPending = true;
    queueMicrotask(() => { if (this.isRenderPending) this.render(); });
  }

  private async addFiles(files: readonly SelectedFile[]): Promise<void> {
    if (files.length === 0) return;
    const site = this.form.site.value;
    this.isSiteMissing = site === "";
    this.renderSoon();
    if (this.isSiteMissing) this.form.site.focus();
    else this.transfers.add(await expandArchives(files), site);
  }

  private async post(transfer: Transfer, onProgress: (sentShare: number) => void): Promise<AddedUploads> {
    const form = new FormData();
    form.append("site", transfer.site);
    form.append("name", transfer.file.path);
    form.append("file", await transfer.file.open(), transfer.file.path.split("/").at(-1) ?? "");
    return uploadForm(this.path, form, onProgress);
  }

  private showTransfer(transfer: Transfer): void {
    this.renderSoon();
    if (transfer.state === "unanswered") this.pollSoon();
  }

  private removeTransfer(transfer: Transfer): void {
    this.transfers.remove(transfer);
    this.renderSoon();
  }

  /** Remove transfers without a response whose result has appeared in the list after all. */
  private removeAnswered(received: readonly Upload[]): void {
    for (const transfer of this.transfers.withState("unanswered")) {
      const since = transfer.startedAt - MAX_CLOCK_SKEW_MS;
      const isReceived = received.some(({ name, at }) => name === transfer.file.path && Date.parse(at) >= since);
      if (isReceived) this.removeTransfer(transfer);
    }
  }

  private handleDone(response: AddedUploads): void {
    this.isStale = true;
    this.showUploads(mergeUploads(this.uploads, response.results, this.limit));
    this.pollSoon();
  }

  private showUploads(uploads: readonly Upload[]): void {
    this.uploads = uploads;
    this.renderSoon();
  }

  private async showOlder(): Promise<void> {
    const last = this.uploads.at(-1);
    if (last === undefined) return;
    const { results, counts } = await getJson<UploadList>(`${this.path}?before=${encodeURIComponent(pageCursor(last))}`);
    this.limit += PAGE_SIZE;
    this.counts = counts;
    this.uploads = mergeUploads(this.uploads, results, this.limit, true);
    this.render();
    const first = this.uploads.findIndex(({ id }) => id === results[0]?.id);
    this.root.querySelectorAll(".results > tr")[first]?.querySelector("button")?.focus();
  }

  private async dismiss(upload: Upload): Promise<void> {
    await sendJson("POST", `${this.page.api}uploads/${upload.id}/dismiss`);
    this.counts = { ...this.counts, [upload.status]: Math.max(0, this.counts[upload.status] - 1) };
    this.showUploads(this.uploads.filter(({ id }) => id !== upload.id));
  }

  private async dismissAll(): Promise<void> {
    await sendJson("POST", `${this.path}/dismiss-all`);
    for (const transfer of this.transfers.stopped) this.transfers.remove(transfer);
    this.counts = NO_COUNTS;
    this.limit = PAGE_SIZE;
    this.showUploads([]);
  }

  private pollSoon(): void {
    const unanswered = this.transfers.withState("unanswered").length > 0;
    // Nothing is polled while nothing can change.
    const waiting = this.isStale || this.counts.analysing > 0 || this.cursor === null || unanswered;
    if (waiting) this.polling ??= setTimeout(() => void this.poll(), POLL_MS);
  }

  /** Request the changes since the last call; the first call requests the newest files. */
  private async poll(): Promise<void> {
    try {
      this.isStale = false;
      let more = true;
      // An answer has at most 200 changes; a large zip archive makes more at once.
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

/** The upload page: selection of files, their transfer, and the result of each. */

import { html, nothing, render } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { ApiError, LatestRequest, SingleAction, getJson, sendJson, uploadForm } from "../api";
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
  /** Whether the list is not empty, so that the page has its layout before the list has loaded. */
  readonly has_uploads: boolean;
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
  private isLoaded = false;
  private error = "";
  private isRenderPending = false;
  /** Whether files have arrived since the counts were last requested. */
  private isStale = false;
  private polling: ReturnType<typeof setTimeout> | undefined;
  private readonly polls = new LatestRequest();
  private readonly olderFiles = new SingleAction();
  /** Uploads that are being dismissed, and "all" for all of them. */
  private readonly dismissing = new Set<string>();

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
    const isLoading = !this.isLoaded && this.page.has_uploads;
    this.form.setCompact(!isEmpty || isLoading);
    render(html`
      ${this.form.root}
      <div class="upload-summary" role="status">
        ${this.isSiteMissing ? html`<p class="message warning">${NO_SITE}</p>` : nothing}
        ${this.error === "" ? nothing : html`<p class="message warning">${this.error}</p>`}
        ${isLoading ? html`<p class="loading-text">Loading the list of files\u2026</p>` : nothing}
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
        <button type="button" @click=${() => void this.olderFiles.run(() => this.showOlder())}>Show older files</button>
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
    const path = `${this.path}?before=${encodeURIComponent(pageCursor(last))}`;
    const page = await this.attempt(() => getJson<UploadList>(path));
    if (page === null || this.uploads.at(-1)?.id !== last.id) return;
    const { results, counts } = page;
    this.limit += PAGE_SIZE;
    this.counts = counts;
    this.uploads = mergeUploads(this.uploads, results, this.limit, true);
    this.render();
    const first = this.uploads.findIndex(({ id }) => id === results[0]?.id);
    this.root.querySelectorAll(".results > tr")[first]?.querySelector("button")?.focus();
  }

  private async dismiss(upload: Upload): Promise<void> {
    if (!(await this.sendDismissal(upload.id, `${this.page.api}uploads/${upload.id}/dismiss`))) return;
    this.counts = { ...this.counts, [upload.status]: Math.max(0, this.counts[upload.status] - 1) };
    this.showUploads(this.uploads.filter(({ id }) => id !== upload.id));
  }

  private async dismissAll(): Promise<void> {
    if (!(await this.sendDismissal("all", `${this.path}/dismiss-all`))) return;
    for (const transfer of this.transfers.stopped) this.transfers.remove(transfer);
    this.counts = NO_COUNTS;
    this.limit = PAGE_SIZE;
    this.showUploads([]);
  }

  /** Send a dismissal, once; returns whether it was stored. */
  private async sendDismissal(key: string, path: string): Promise<boolean> {
    if (this.dismissing.has(key)) return false;
    this.dismissing.add(key);
    const isStored = (await this.attempt(() => sendJson("POST", path).then(() => true))) === true;
    this.dismissing.delete(key);
    // A poll that is under way would list the upload again.
    if (isStored) this.polls.begin();
    return isStored;
  }

  /** Return the response; null after an error, which is shown. */
  private async attempt<T>(send: () => Promise<T>): Promise<T | null> {
    this.error = "";
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.error = error.message;
      return null;
    } finally {
      this.renderSoon();
    }
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
        const isLatest = this.polls.begin();
        const response = await getJson<UploadList>(`${this.path}${since}`);
        if (!isLatest()) {
          this.isStale = true;
          return;
        }
        this.isLoaded = true;
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

/** The upload page: drop or choose, watch each file go, read what became of it. */

import { getJson, send, upload } from "../api";
import type { Upload, UploadCounts, UploadList } from "../cases/contract";
import { button, el } from "../dom";
import { transferRow, uploadRow } from "./rows";
import { merged, placeOf } from "./visiblerows";
import { Transfers } from "./transfers";
import type { Transfer } from "./transfers";
import { unpacked } from "./unpack";
import type { Found } from "./droppedfiles";
import { chosenFiles, droppedFiles } from "./droppedfiles";

export interface UploadPlace {
  readonly study: string;
  readonly api: string;
  readonly sites: readonly { readonly code: string; readonly name: string }[];
}

interface Answer {
  readonly results: readonly Upload[];
}

const POLL_MS = 2_500;
const PAGE_SIZE = 60;
/** The clocks of browser and server may differ by this much. */
const CLOCKS_DIFFER_MS = 5 * 60_000;
const NONE: UploadCounts = { accepted: 0, held: 0, replaced: 0, duplicate: 0, refused: 0, to_analyse: 0, analysing: 0 };

export class UploadPage {
  private readonly path: string;
  private readonly site: HTMLSelectElement;
  private readonly zone = el("div", { class: "drop-zone" });
  private readonly head = el("div", { class: "upload-head", role: "status" });
  /** Files that were not sent come first, then results, then files on their way. */
  private readonly stopped = el("tbody");
  private readonly body = el("tbody");
  private readonly underWay = el("tbody");
  private readonly table: HTMLElement;
  private readonly transfers: Transfers<Answer>;
  private readonly moving = new Map<number, HTMLTableRowElement>();
  private readonly older = el("div", { class: "actions", hidden: true });
  private uploads: readonly Upload[] = [];
  private rows = new Map<string, HTMLTableRowElement>();
  private counts = NONE;
  private limit = PAGE_SIZE;
  private cursor: string | null = null;
  /** Files have arrived whose counts the server has not been asked for. */
  private behind = false;
  private polling: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly place: UploadPlace,
  ) {
    this.path = `${place.api}studies/${place.study}/uploads`;
    this.site = el("select", { id: "site" });
    if (place.sites.length > 1) this.site.append(el("option", { value: "" }, "Choose where the images were made"));
    this.site.append(...place.sites.map(({ code, name }) => el("option", { value: code }, name)));
    this.transfers = new Transfers((transfer, onProgress) => this.post(transfer, onProgress), {
      changed: (transfer) => { this.showTransfer(transfer); },
      done: (transfer, answer) => { this.finished(transfer, answer); },
    });
    const headings = ["File", "Result", "Case", ""].map((text) => el("th", { scope: "col" }, text));
    const table = el("table", { class: "table uploads" }, el("thead", {}, el("tr", {}, ...headings)), this.stopped, this.body, this.underWay);
    this.table = el("div", { class: "table-wrap", hidden: true }, table);
  }

  async begin(): Promise<void> {
    this.older.append(button("Show older files", () => void this.showOlder()));
    this.root.replaceChildren(this.makeForm(), this.head, this.table, this.older);
    window.addEventListener("beforeunload", (event) => {
      if (this.transfers.unfinished > 0) event.preventDefault();
    });
    await this.poll();
  }

  private makeForm(): HTMLElement {
    const files = el("input", { type: "file", multiple: true, hidden: true, id: "files" });
    const folder = el("input", { type: "file", multiple: true, hidden: true, webkitdirectory: true });
    for (const input of [files, folder]) {
      input.addEventListener("change", () => {
        void this.take(chosenFiles(input.files ?? []));
        input.value = "";
      });
    }
    const zone = this.zone;
    zone.append(
      el("p", { class: "lead" }, "Drop files, folders or zip archives here"),
      el(
        "div",
        { class: "actions" },
        button("Choose files", () => { files.click(); }, { class: "primary" }),
        button("Choose a folder", () => { folder.click(); }),
      ),
      files,
      folder,
    );
    this.listenToDrops(zone);
    const label = el("label", { for: "site" }, "Site where the images were made");
    return el("div", { class: "upload-form" }, el("div", { class: "field" }, label, this.site), zone);
  }

  private listenToDrops(zone: HTMLElement): void {
    const over = (event: DragEvent): void => {
      event.preventDefault();
      zone.classList.toggle("over", event.type === "dragover");
    };
    document.addEventListener("dragover", over);
    document.addEventListener("dragleave", over);
    document.addEventListener("drop", (event) => {
      over(event);
      if (event.dataTransfer !== null) void droppedFiles(event.dataTransfer).then((found) => this.take(found));
    });
  }

  private async take(found: readonly Found[]): Promise<void> {
    if (found.length === 0) return;
    if (this.site.value === "") {
      this.head.replaceChildren(el("p", { class: "message warning" }, "Choose the site first. Nothing was sent."));
      this.site.focus();
      return;
    }
    const site = this.site.value;
    this.transfers.add(await unpacked(found), site);
  }

  private async post(transfer: Transfer, onProgress: (share: number) => void): Promise<Answer> {
    const form = new FormData();
    form.append("site", transfer.site);
    form.append("name", transfer.found.path);
    form.append("file", await transfer.found.open(), transfer.found.path.split("/").at(-1) ?? "");
    return upload(this.path, form, onProgress);
  }

  private showTransfer(transfer: Transfer): void {
    const row = transferRow(transfer, {
      again: () => { this.transfers.again(transfer); },
      dismiss: () => { this.forget(transfer); },
    });
    const before = this.moving.get(transfer.key);
    const place = transfer.state === "failed" || transfer.state === "unanswered" ? this.stopped : this.underWay;
    if (before?.parentElement === place) before.replaceWith(row);
    else {
      before?.remove();
      place.append(row);
    }
    this.moving.set(transfer.key, row);
    this.showHead();
    if (transfer.state === "unanswered") this.pollSoon();
  }

  private forget(transfer: Transfer): void {
    this.transfers.forget(transfer);
    this.removeRow(transfer);
    this.showHead();
  }

  private removeRow(transfer: Transfer): void {
    this.moving.get(transfer.key)?.remove();
    this.moving.delete(transfer.key);
  }

  /** Drops transfers without an answer whose result has arrived in the list after all. */
  private settle(arrived: readonly Upload[]): void {
    for (const transfer of this.transfers.in("unanswered")) {
      const since = transfer.begunAt - CLOCKS_DIFFER_MS;
      if (arrived.some(({ name, at }) => name === transfer.found.path && Date.parse(at) >= since)) this.forget(transfer);
    }
  }

  private finished(transfer: Transfer, answer: Answer): void {
    this.removeRow(transfer);
    this.behind = true;
    this.showUploads(merged(this.uploads, answer.results, this.limit));
    this.pollSoon();
  }

  /** Shows these rows and no others, touching only what changed. */
  private showUploads(uploads: readonly Upload[]): void {
    const before = new Map(this.uploads.map((one) => [one.id, JSON.stringify(one)]));
    const rows = new Map<string, HTMLTableRowElement>();
    const wanted = new Set(uploads.map(({ id }) => id));
    for (const [id, row] of this.rows) if (!wanted.has(id)) row.remove();
    let next = this.body.firstElementChild;
    for (const one of uploads) {
      const known = this.rows.get(one.id);
      const same = known !== undefined && before.get(one.id) === JSON.stringify(one);
      const row = same ? known : uploadRow(one, () => void this.dismiss(one));
      if (!same && known !== undefined) {
        known.replaceWith(row);
        if (known === next) next = row;
      }
      if (row === next) next = row.nextElementSibling;
      else this.body.insertBefore(row, next);
      rows.set(one.id, row);
    }
    this.uploads = uploads;
    this.rows = rows;
    this.showHead();
  }

  private async showOlder(): Promise<void> {
    const last = this.uploads.at(-1);
    if (last === undefined) return;
    const { results, counts } = await getJson<UploadList>(`${this.path}?before=${encodeURIComponent(placeOf(last))}`);
    this.limit += PAGE_SIZE;
    this.counts = counts;
    this.showUploads(merged(this.uploads, results, this.limit, true));
    const first = results[0];
    if (first !== undefined) this.rows.get(first.id)?.querySelector("button")?.focus();
  }

  private async dismiss(one: Upload): Promise<void> {
    await send("POST", `${this.place.api}uploads/${one.id}/dismiss`);
    this.counts = { ...this.counts, [one.status]: Math.max(0, this.counts[one.status] - 1) };
    this.showUploads(this.uploads.filter(({ id }) => id !== one.id));
  }

  private async dismissAll(): Promise<void> {
    await send("POST", `${this.path}/dismiss-all`);
    for (const transfer of [...this.transfers.in("failed"), ...this.transfers.in("unanswered")]) this.forget(transfer);
    this.counts = NONE;
    this.limit = PAGE_SIZE;
    this.showUploads([]);
  }

  /** Progress bars and the totals. */
  private showHead(): void {
    const { counts, transfers } = this;
    const total = counts.accepted + counts.held + counts.replaced + counts.duplicate + counts.refused;
    this.table.hidden = this.uploads.length === 0 && this.moving.size === 0;
    this.zone.classList.toggle("compact", !this.table.hidden);
    this.older.hidden = this.uploads.length === 0 || this.uploads.length >= total;
    const parts: Node[] = [];
    if (transfers.unfinished > 0) {
      const [sent, files] = [transfers.in("done").length, transfers.all.length];
      parts.push(progress(`Sending ${String(sent)} of ${String(files)}`, sent, files));
    }
    if (counts.analysing > 0) {
      const done = counts.to_analyse - counts.analysing;
      parts.push(progress(`Analysing ${String(done)} of ${String(counts.to_analyse)}`, done, counts.to_analyse));
    }
    const failed = transfers.in("failed").length;
    if (total > 0 || failed > 0) {
      const held = el("a", { role: "button", href: `/studies/${this.place.study}/deidentification` }, "Review pending images");
      const clear = button("Dismiss all", () => void this.dismissAll());
      const actions = el("span", { class: "actions" }, counts.held > 0 ? held : null, clear);
      parts.push(el("div", { class: "upload-sum" }, el("strong", {}, totals(counts, failed)), actions));
    }
    this.head.replaceChildren(...parts);
  }

  private pollSoon(): void {
    const unanswered = this.transfers.in("unanswered").length > 0;
    const waiting = this.behind || this.counts.analysing > 0 || this.cursor === null || unanswered;
    if (waiting) this.polling ??= setTimeout(() => void this.poll(), POLL_MS);
  }

  /** Asks for what changed since the last time; the first time for the newest files. */
  private async poll(): Promise<void> {
    try {
      this.behind = false;
      let more = true;
      while (more) {
        const since = this.cursor === null ? "" : `?since=${encodeURIComponent(this.cursor)}`;
        const answer = await getJson<UploadList>(`${this.path}${since}`);
        ({ cursor: this.cursor, counts: this.counts, more } = answer);
        this.settle(answer.results);
        this.showUploads(merged(this.uploads, answer.results, this.limit));
      }
    } catch {
      this.behind = true; // The list stays as it is; the next round asks again.
    } finally {
      this.polling = undefined;
      this.pollSoon();
    }
  }
}

function totals(counts: UploadCounts, failed: number): string {
  const parts: readonly (readonly [number, string, boolean])[] = [
    [counts.accepted, "added", true],
    [counts.held, "pending review", true],
    [counts.replaced, "replaced", false],
    [counts.duplicate, "already here", true],
    [counts.refused, "not added", true],
    [failed, "not sent", false],
  ];
  const shown = parts.filter(([count, , always]) => always || count > 0);
  return shown.map(([count, words]) => `${String(count)} ${words}`).join(", ");
}

function progress(words: string, value: number, max: number): HTMLElement {
  return el("div", { class: "on-its-way" }, el("progress", { value, max, "aria-label": words }), el("span", {}, words));
}

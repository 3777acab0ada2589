/** The upload page: drop or choose, watch each file go, read what became of it. */

import { getJson, send, upload } from "../api";
import type { Upload } from "../cases/contract";
import { beingAnalysed } from "../cases/states";
import { button, el } from "../dom";
import { transferRow, uploadRow } from "./rows";
import { Transfers } from "./transfers";
import type { Transfer } from "./transfers";
import type { Found } from "./walk";
import { chosenFiles, droppedFiles } from "./walk";

export interface UploadPlace {
  readonly study: string;
  readonly api: string;
  readonly sites: readonly { readonly code: string; readonly name: string }[];
}

interface Answer {
  readonly results: readonly Upload[];
}

const POLL_MS = 2_500;

export class UploadPage {
  private readonly path: string;
  private readonly site: HTMLSelectElement;
  private readonly head = el("div", { class: "upload-head", role: "status" });
  private readonly body = el("tbody");
  private readonly table: HTMLElement;
  private readonly transfers: Transfers<Answer>;
  private readonly moving = new Map<number, HTMLTableRowElement>();
  private uploads = new Map<string, Upload>();
  private rows = new Map<string, HTMLTableRowElement>();
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
    const table = el("table", { class: "table uploads" }, el("thead", {}, el("tr", {}, ...headings)), this.body);
    this.table = el("div", { class: "table-wrap", hidden: true }, table);
  }

  async begin(): Promise<void> {
    this.root.replaceChildren(this.makeForm(), this.head, this.table);
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
        this.take(chosenFiles(input.files ?? []));
        input.value = "";
      });
    }
    const zone = el(
      "div",
      { class: "drop-zone" },
      el("p", { class: "lead" }, "Drop files, folders or zip files here"),
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
      if (event.dataTransfer !== null) void droppedFiles(event.dataTransfer).then((found) => { this.take(found); });
    });
  }

  private take(found: readonly Found[]): void {
    if (found.length === 0) return;
    if (this.site.value === "") {
      this.head.replaceChildren(el("p", { class: "message warning" }, "Choose the site first. Nothing was sent."));
      this.site.focus();
      return;
    }
    this.transfers.add(found, this.site.value);
  }

  private post(transfer: Transfer, onProgress: (share: number) => void): Promise<Answer> {
    const form = new FormData();
    form.append("site", transfer.site);
    form.append("name", transfer.found.path);
    form.append("file", transfer.found.file, transfer.found.file.name);
    return upload(this.path, form, onProgress);
  }

  private showTransfer(transfer: Transfer): void {
    const row = transferRow(transfer, () => { this.transfers.again(transfer); });
    const before = this.moving.get(transfer.key);
    if (before === undefined) this.body.append(row);
    else before.replaceWith(row);
    this.moving.set(transfer.key, row);
    this.showHead();
  }

  private finished(transfer: Transfer, answer: Answer): void {
    this.moving.get(transfer.key)?.remove();
    this.moving.delete(transfer.key);
    for (const one of answer.results) this.showUpload(one);
    this.showHead();
    this.pollSoon();
  }

  private showUpload(one: Upload): void {
    const known = this.uploads.get(one.id);
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(one)) return;
    this.uploads.set(one.id, one);
    const row = uploadRow(one, () => void this.dismiss(one));
    const before = this.rows.get(one.id);
    if (before === undefined) this.body.prepend(row);
    else before.replaceWith(row);
    this.rows.set(one.id, row);
  }

  private async dismiss(one: Upload): Promise<void> {
    await send("POST", `${this.place.api}uploads/${one.id}/dismiss`);
    this.rows.get(one.id)?.remove();
    this.rows.delete(one.id);
    this.uploads.delete(one.id);
    this.showHead();
  }

  private async dismissAll(): Promise<void> {
    await send("POST", `${this.path}/dismiss-all`);
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
    this.uploads.clear();
    this.showHead();
  }

  /** One line that says how far everything is. */
  private showHead(): void {
    const uploads = [...this.uploads.values()];
    this.table.hidden = uploads.length === 0 && this.moving.size === 0;
    const count = (status: Upload["status"]): number => uploads.filter((one) => one.status === status).length;
    const parts: (Node | string)[] = [];
    const files = this.transfers.all.length;
    const sent = this.transfers.all.filter(({ state }) => state === "done").length;
    const analysed = uploads.filter(({ case: found }) => found !== null && found.state !== "held");
    const busy = analysed.filter(({ case: found }) => beingAnalysed(found)).length;
    if (this.transfers.unfinished > 0) parts.push(progress(`Sending ${String(sent)} of ${String(files)}`, sent, files));
    if (busy > 0) {
      const done = analysed.length - busy;
      const text = `Analysing ${String(done)} of ${String(analysed.length)}`;
      parts.push(progress(text, done, analysed.length));
    }
    if (uploads.length > 0) {
      const numbers = `${String(count("accepted"))} added, ${String(count("held"))} pending review, ${String(count("duplicate"))} already here, ${String(count("refused"))} not added`;
      const held = el("a", { role: "button", href: `/studies/${this.place.study}/deidentification` }, "Review pending images");
      const clear = button("Dismiss all", () => void this.dismissAll());
      const actions = el("span", { class: "actions" }, count("held") > 0 ? held : null, clear);
      parts.push(el("div", { class: "upload-sum" }, el("strong", {}, numbers), actions));
    }
    this.head.replaceChildren(...parts);
  }

  private pollSoon(): void {
    clearTimeout(this.polling);
    const waiting = [...this.uploads.values()].some((one) => beingAnalysed(one.case));
    if (waiting) this.polling = setTimeout(() => void this.poll(), POLL_MS);
  }

  private async poll(): Promise<void> {
    try {
      const { results } = await getJson<Answer>(this.path);
      for (const one of results) this.showUpload(one);
      this.showHead();
    } catch {
      // The list stands as it was; the next round asks again.
    } finally {
      this.pollSoon();
    }
  }
}

function progress(words: string, value: number, max: number): HTMLElement {
  return el("div", { class: "on-its-way" }, el("progress", { value, max, "aria-label": words }), el("span", {}, words));
}

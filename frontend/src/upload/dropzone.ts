/** The form with site, file dialogs and drop zone; hands over the selected files. */

import { button, el } from "../dom";
import type { SelectedFile } from "./selectedfiles";
import { filesFromDrop, filesFromInput } from "./selectedfiles";

export interface Site {
  readonly code: string;
  readonly name: string;
}

export class UploadForm {
  readonly root: HTMLElement;
  readonly site: HTMLSelectElement;
  private readonly dropZone = el("div", { class: "drop-zone" });

  constructor(sites: readonly Site[], private readonly onFiles: (files: readonly SelectedFile[]) => void) {
    this.site = el("select", { id: "site" });
    if (sites.length > 1) this.site.append(el("option", { value: "" }, "Choose a site"));
    this.site.append(...sites.map(({ code, name }) => el("option", { value: code }, name)));
    this.fillDropZone();
    this.listenToDrops();
    const label = el("label", { for: "site" }, "Site where the images were acquired");
    this.root = el("div", { class: "upload-form" }, el("div", { class: "field" }, label, this.site), this.dropZone);
  }

  /** Make the drop zone smaller when the page shows files. */
  setCompact(compact: boolean): void {
    this.dropZone.classList.toggle("compact", compact);
  }

  private fillDropZone(): void {
    const files = el("input", { type: "file", multiple: true, hidden: true, id: "files" });
    const folder = el("input", { type: "file", multiple: true, hidden: true, webkitdirectory: true });
    for (const input of [files, folder]) {
      input.addEventListener("change", () => {
        this.onFiles(filesFromInput(input.files ?? []));
        // Without this, selecting the same files again would fire no event.
        input.value = "";
      });
    }
    this.dropZone.append(
      el("p", { class: "lead" }, "Drop files, folders or zip archives here"),
      el(
        "div",
        { class: "actions" },
        button("Choose files", () => { files.click(); }, { class: "primary" }),
        button("Choose folder", () => { folder.click(); }),
      ),
      files,
      folder,
    );
  }

  /** Accept drops anywhere on the page: beside the zone, the browser would open the file and leave the page. */
  private listenToDrops(): void {
    const handleDrag = (event: DragEvent): void => {
      // Without this, the browser does not allow a drop.
      event.preventDefault();
      this.dropZone.classList.toggle("over", event.type === "dragover");
    };
    document.addEventListener("dragover", handleDrag);
    document.addEventListener("dragleave", handleDrag);
    document.addEventListener("drop", (event) => {
      handleDrag(event);
      if (event.dataTransfer !== null) void filesFromDrop(event.dataTransfer).then((files) => { this.onFiles(files); });
    });
  }
}

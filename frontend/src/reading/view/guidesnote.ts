/** Notes about the guides, in the panel: uncertain labels, and the network that located them. */

import { el } from "../../dom";
import type { Guides } from "../contract";

export class GuidesNote {
  private readonly doubt = el("p", { class: "guides-doubt" });
  private readonly origin = el("p");
  readonly root = el(
    "div",
    { class: "guides-note", hidden: true },
    this.doubt,
    el("details", {}, el("summary", {}, "About these guides"), this.origin),
  );

  /** Show the notes of a guided reading; null hides them. */
  show(guides: Guides | null): void {
    const detail = guides?.level_doubt?.detail;
    this.doubt.textContent = detail === undefined ? "" : `Level labelling uncertain: ${detail}`;
    this.origin.textContent = guides?.note ?? "";
    this.root.hidden = guides === null;
  }
}

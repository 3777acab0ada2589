/** Notes about the guides, in the panel: uncertain labels, and the network that located the landmarks. */

import { button, el } from "../../dom";
import type { Guides } from "../contract";

export class GuidesNote {
  readonly uncertain = el("p", { class: "guides-uncertain", hidden: true });
  readonly about: HTMLButtonElement;
  private origin = "";

  constructor(showNotice: (text: string) => void) {
    this.about = button("About", () => { showNotice(this.origin); }, { "aria-label": "About these guides" });
  }

  /** Show the notes of a guided reading; null hides them. */
  show(guides: Guides | null): void {
    const detail = guides?.level_uncertainty?.detail;
    this.uncertain.textContent = detail === undefined ? "" : `Level labelling uncertain: ${detail}`;
    this.uncertain.hidden = detail === undefined;
    this.origin = guides?.note ?? "";
    this.about.hidden = this.origin === "";
  }
}

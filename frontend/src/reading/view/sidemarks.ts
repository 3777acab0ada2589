/** The letters A and P at the anterior and the posterior side of the image. */

import { el } from "../../dom";

export class SideMarks {
  private readonly left = el("span", { class: "side-mark left", "aria-hidden": "true" });
  private readonly right = el("span", { class: "side-mark right", "aria-hidden": "true" });

  constructor(host: HTMLElement) {
    host.append(this.left, this.right);
  }

  show(anterior: "left" | "right"): void {
    this.left.textContent = anterior === "left" ? "A" : "P";
    this.right.textContent = anterior === "left" ? "P" : "A";
  }

  clear(): void {
    this.left.textContent = this.right.textContent = "";
  }
}

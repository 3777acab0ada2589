/** A note over the viewer while its image is loading. */

import { el } from "../dom";

const DELAY_MS = 300;

export class LoadingNote {
  private readonly root = el("p", { class: "viewer-note", role: "status", hidden: true }, "Loading the image\u2026");
  private readonly loading = new Set<object>();

  constructor(host: HTMLElement) {
    host.append(this.root);
  }

  /** Show the note until the image has loaded or failed; only after a delay, so that a fast response does not flicker. */
  async during<T>(image: Promise<T>): Promise<T> {
    const timer = setTimeout(() => { this.root.hidden = false; }, DELAY_MS);
    this.loading.add(image);
    try {
      return await image;
    } finally {
      clearTimeout(timer);
      this.loading.delete(image);
      this.root.hidden = this.loading.size === 0;
    }
  }
}

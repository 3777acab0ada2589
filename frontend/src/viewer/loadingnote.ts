/** A note over the viewer while its image is loading. */

import { el } from "../dom";

const DELAY_MS = 300;

export class LoadingNote {
  private readonly note = el("p", { class: "viewer-note", role: "status" }, "Loading the image\u2026");
  /** The number of images that are loading. */
  private loading = 0;

  constructor(private readonly host: HTMLElement) {}

  /** Show the note until the image has loaded or failed; only after a delay, so that a fast response does not flicker. */
  async during<T>(image: Promise<T>): Promise<T> {
    const timer = setTimeout(() => { this.host.append(this.note); }, DELAY_MS);
    this.loading += 1;
    try {
      return await image;
    } finally {
      clearTimeout(timer);
      this.loading -= 1;
      if (this.loading === 0) this.note.remove();
    }
  }
}

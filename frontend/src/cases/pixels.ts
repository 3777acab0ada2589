/** The pixels of a case: fetched once for each version, and shown unless something newer has been shown meanwhile. */

import { getBytes } from "../api";
import { LoadingNote } from "../viewer/loadingnote";
import type { Viewer } from "../viewer/viewer";
import { readPixels } from "../viewer/windowlut";
import type { CaseDetail } from "./contract";

export class CasePixels {
  private readonly note: LoadingNote;
  /** The version on the screen. */
  private shownVersion: number | null = null;
  private requested: { readonly version: number; readonly bytes: Promise<ArrayBuffer> } | null = null;

  /** `path` is the address of the case, `host` the element of the viewer. */
  constructor(
    private readonly viewer: Viewer,
    host: HTMLElement,
    private readonly path: string,
  ) {
    this.note = new LoadingNote(host);
  }

  /** Whether the image of the case is still to be shown. */
  isLoading({ image, image_version: version }: CaseDetail): boolean {
    return image !== null && this.shownVersion !== version;
  }

  /** Show the pixels unless they are shown already; `isCurrent` tells whether the page still shows this case detail. */
  async show({ image, image_version: version }: CaseDetail, isCurrent: () => boolean): Promise<void> {
    // Only a corrected file, which replaces the image, makes a new version.
    if (image === null || version === null || this.shownVersion === version) return;
    const bytes = await this.note.during(this.fetch(version));
    if (!isCurrent()) return;
    this.viewer.show(image, readPixels(bytes, image.bits, image.width * image.height));
    this.shownVersion = version;
  }

  private fetch(version: number): Promise<ArrayBuffer> {
    if (this.requested?.version === version) return this.requested.bytes;
    const bytes = getBytes(`${this.path}/pixels?v=${String(version)}`);
    this.requested = { version, bytes };
    // A later call tries again.
    bytes.catch(() => { this.requested = null; });
    return bytes;
  }
}

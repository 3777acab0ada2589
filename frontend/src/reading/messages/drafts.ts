/** Questions that have not been sent, kept on the device for the person who wrote them. */

import { newId } from "../ids";
import { browserStorage } from "../saving/outboxstore";

export interface Draft {
  /** By which the server recognises a repeated request. */
  readonly id: string;
  readonly text: string;
}

export class Drafts {
  constructor(private readonly reader: string) {}

  load(reading: string): Draft {
    try {
      const stored = JSON.parse(browserStorage()?.getItem(this.key(reading)) ?? "") as Partial<Draft>;
      if (typeof stored.id === "string" && typeof stored.text === "string") return { id: stored.id, text: stored.text };
    } catch {
      // Nothing is stored, or not by this version.
    }
    return { id: newId(), text: "" };
  }

  save(reading: string, draft: Draft): void {
    try {
      if (draft.text === "") browserStorage()?.removeItem(this.key(reading));
      else browserStorage()?.setItem(this.key(reading), JSON.stringify(draft));
    } catch {
      // Storage is full: the text stays in the dialog.
    }
  }

  private key(reading: string): string {
    return `verteread/question/${this.reader}/${reading}`;
  }
}

/** The page on which a coordinator writes the instructions: adds pictures and inserts them into the text. */

import { ApiError, SingleAction, uploadForm } from "../api";
import { requireElement } from "../dom";

interface StoredPicture {
  readonly markdown: string;
}

export class InstructionsPage {
  private readonly status = requireElement("#picture-status");
  private readonly adding = new SingleAction();
  /** The text field that pictures are inserted into: the one used last. */
  private target: HTMLTextAreaElement;

  constructor(
    private readonly form: HTMLFormElement,
    text: HTMLTextAreaElement,
    private readonly address: string,
  ) {
    this.target = text;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.adding.run(() => this.addPicture());
    });
    document.addEventListener("focusin", ({ target }) => {
      if (target instanceof HTMLTextAreaElement) this.target = target;
    });
    document.addEventListener("click", ({ target }) => {
      const markdown = target instanceof HTMLElement ? target.dataset["insert"] : undefined;
      if (markdown !== undefined) this.insert(markdown);
    });
  }

  private async addPicture(): Promise<void> {
    const data = new FormData(this.form);
    data.set("confirmed", "true");
    this.status.textContent = "Adding the picture\u2026";
    try {
      const { markdown } = await uploadForm<StoredPicture>(this.address, data, () => undefined);
      this.form.reset();
      this.insert(markdown);
      this.status.textContent = "Picture added and inserted into the text. Describe it, then save the instructions.";
    } catch (error) {
      this.status.textContent = error instanceof ApiError ? error.message : "The picture could not be added.";
    }
  }

  private insert(markdown: string): void {
    const { target } = this;
    // After the selection, which may have been made while the picture was being sent.
    const at = target.selectionEnd;
    const before = target.value.slice(0, at);
    const gap = before === "" || before.endsWith("\n") ? "" : "\n\n";
    target.setRangeText(`${gap}${markdown}\n`, at, at, "end");
    target.focus();
  }
}

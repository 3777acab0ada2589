/** The form on the page of models that uploads weights. */

import { ApiError, uploadForm } from "../api";
import { requireElement } from "../dom";

export class ModelUpload {
  private readonly status = requireElement("#model-status");

  /** `onAdded` is called once the server has stored the weights. */
  constructor(
    private readonly form: HTMLFormElement,
    private readonly address: string,
    private readonly onAdded: () => void,
  ) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
  }

  private async send(): Promise<void> {
    const button = this.form.querySelector("button");
    if (button?.disabled === true) return;
    if (button !== null) button.disabled = true;
    try {
      await uploadForm(this.address, new FormData(this.form), (fraction) => {
        this.status.textContent = `Uploading: ${Math.round(fraction * 100).toString()} %`;
      });
      this.form.reset();
      this.status.textContent = "Model added. A worker will now check it.";
      this.onAdded();
    } catch (error) {
      this.status.textContent = error instanceof ApiError ? error.message : "The model could not be added.";
    } finally {
      if (button !== null) button.disabled = false;
    }
  }
}

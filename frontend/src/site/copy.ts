/** Buttons that copy the text of an adjacent field. */

const FEEDBACK_MS = 2_000;

export function enableCopyButtons(): void {
  // On the document, so that buttons in parts that refresh later work as well.
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest<HTMLButtonElement>("button[data-copy]");
    const field = button?.parentElement?.querySelector("input, textarea");
    if (button === null || !(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
    void handleCopy(button, field);
  });
}

async function handleCopy(button: HTMLButtonElement, field: HTMLInputElement | HTMLTextAreaElement): Promise<void> {
  // Kept from the first click: at a second one, the button still has the text that follows a copy.
  const label = (button.dataset["label"] ??= button.textContent);
  button.textContent = (await copyToClipboard(field)) ? "Copied" : "Press Ctrl+C";
  setTimeout(() => { button.textContent = label; }, FEEDBACK_MS);
}

/** Copy the text of a field. Over plain HTTP there is no clipboard; the text is then selected for Ctrl+C. */
async function copyToClipboard(field: HTMLInputElement | HTMLTextAreaElement): Promise<boolean> {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return false;
  }
}

/** Buttons that copy the text of the field beside them. */

const SAID_FOR_MS = 2_000;

export function copyOnClick(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest<HTMLButtonElement>("button[data-copy]");
    const field = button?.parentElement?.querySelector("input, textarea");
    if (button === null || !(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
    void copy(button, field);
  });
}

async function copy(button: HTMLButtonElement, field: HTMLInputElement | HTMLTextAreaElement): Promise<void> {
  const label = button.textContent;
  button.textContent = (await copied(field)) ? "Copied" : "Press Ctrl+C";
  setTimeout(() => { button.textContent = label; }, SAID_FOR_MS);
}

/** Over plain HTTP there is no clipboard: then the text is selected, ready for Ctrl+C. */
async function copied(field: HTMLInputElement | HTMLTextAreaElement): Promise<boolean> {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return false;
  }
}

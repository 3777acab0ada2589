/**
 * Forms that keep the focus when their page is loaded again (data-keep-focus), so that filters can be changed one
 * after the other with the keyboard.
 */

const STORED = "focus-after-loading";

/** Remembers which control submitted the form, and returns the focus to it once the page is loaded again. */
export function keepFocus(page: Document, storage: Storage): void {
  restore(page, storage);
  page.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset["keepFocus"] === undefined) return;
    const index = Array.from(form.elements).indexOf(page.activeElement ?? form);
    if (index >= 0) storage.setItem(STORED, JSON.stringify({ path: page.location.pathname, index }));
  });
}

function restore(page: Document, storage: Storage): void {
  const stored = storage.getItem(STORED);
  if (stored === null) return;
  storage.removeItem(STORED);
  const { path, index } = JSON.parse(stored) as { path: string; index: number };
  if (path !== page.location.pathname) return;
  const control = page.querySelector<HTMLFormElement>("form[data-keep-focus]")?.elements[index];
  // The page stays at its top, where the results begin.
  if (control instanceof HTMLElement) control.focus({ preventScroll: true });
}

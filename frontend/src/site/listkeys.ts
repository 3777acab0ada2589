/** Keyboard navigation: arrow keys between thumbnails, n and p (or j and k) to the next and previous page or case. */

const LINK_RELATIONS: Readonly<Record<string, string>> = { n: "next", p: "prev", j: "next", k: "prev" };

export function enableListKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (moveInGrid(event) || followLink(event)) event.preventDefault();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]") !== null;
}

function followLink(event: KeyboardEvent): boolean {
  const rel = LINK_RELATIONS[event.key];
  const link = rel === undefined ? null : document.querySelector<HTMLAnchorElement>(`.pager a[rel="${rel}"]`);
  link?.click();
  return link !== null;
}

function moveInGrid(event: KeyboardEvent): boolean {
  const thumbnails = [...document.querySelectorAll<HTMLElement>("#cases .thumbnails a.thumbnail")];
  const index = thumbnails.findIndex((thumbnail) => thumbnail === document.activeElement);
  const first = thumbnails[0];
  if (first === undefined || index < 0) return false;
  // The number of columns depends on the width of the window.
  const top = first.getBoundingClientRect().top;
  const columns = thumbnails.filter((thumbnail) => thumbnail.getBoundingClientRect().top === top).length;
  const next = stepInGrid(event.key, index, thumbnails.length, columns);
  if (next === null) return false;
  thumbnails[next]?.focus();
  return true;
}

/** Return the index to which a key leads in a grid filled row by row; null for other keys and at the edges. */
export function stepInGrid(key: string, index: number, length: number, columns: number): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
  };
  if (key === "Home") return 0;
  if (key === "End") return length - 1;
  const offset = steps[key];
  if (offset === undefined) return null;
  const next = index + offset;
  return next >= 0 && next < length ? next : null;
}

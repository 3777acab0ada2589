/** Lists by keyboard: arrows go from thumbnail to thumbnail, n and p to the next and previous page or case. */

const BESIDE: Readonly<Record<string, string>> = { n: "next", p: "prev" };

export function listKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (moveInSheet(event) || followLink(event)) event.preventDefault();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, dialog, [contenteditable]") !== null;
}

function followLink(event: KeyboardEvent): boolean {
  const rel = BESIDE[event.key];
  const link = rel === undefined ? null : document.querySelector<HTMLAnchorElement>(`.pager a[rel="${rel}"]`);
  link?.click();
  return link !== null;
}

function moveInSheet(event: KeyboardEvent): boolean {
  const shots = [...document.querySelectorAll<HTMLElement>("#cases .sheet a.shot")];
  const at = shots.findIndex((shot) => shot === document.activeElement);
  const first = shots[0];
  if (first === undefined || at < 0) return false;
  const top = first.getBoundingClientRect().top;
  const columns = shots.filter((shot) => shot.getBoundingClientRect().top === top).length;
  const next = stepInGrid(event.key, at, shots.length, columns);
  if (next === null) return false;
  shots[next]?.focus();
  return true;
}

/** Where an arrow key leads in a grid that fills row by row; null for other keys and at the edges. Pure. */
export function stepInGrid(key: string, at: number, length: number, columns: number): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
  };
  if (key === "Home") return 0;
  if (key === "End") return length - 1;
  const step = steps[key];
  if (step === undefined) return null;
  const next = at + step;
  return next >= 0 && next < length ? next : null;
}

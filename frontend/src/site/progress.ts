/** The table of readers keeps up (data-progress="address"): a few numbers are fetched, no page. */

import { getJson } from "../api";
import { el, written } from "../dom";

interface Row {
  readonly read: number;
  readonly total: number;
}

interface Progress {
  readonly readers: readonly (Row & { readonly label: string; readonly last: string | null })[];
  readonly sites: readonly (Row & { readonly site: string; readonly readers: number })[];
}

const EVERY_S = 15;
const LONGEST_S = 120;

export function keepProgress(): void {
  const part = document.querySelector<HTMLElement>("[data-progress]");
  if (part !== null) schedule(part, 0);
}

function schedule(part: HTMLElement, failures: number): void {
  const wait = Math.min(EVERY_S * 2 ** failures, LONGEST_S);
  setTimeout(() => void renew(part, failures), wait * 1000);
}

async function renew(part: HTMLElement, failures: number): Promise<void> {
  if (document.visibilityState !== "visible") {
    schedule(part, 0);
    return;
  }
  try {
    show(part, await getJson<Progress>(part.dataset["progress"] ?? ""));
    schedule(part, 0);
  } catch {
    schedule(part, failures + 1);
  }
}

/** Somebody who joined meanwhile has no row yet; the next visit of the page shows it. */
function show(part: HTMLElement, progress: Progress): void {
  const rows = [...part.querySelectorAll<HTMLTableRowElement>("tr[data-reader], tr[data-site]")];
  for (const reader of progress.readers) {
    const row = rows.find(({ dataset }) => dataset["reader"] === reader.label);
    if (row === undefined) continue;
    count(row, reader);
    const last = row.cells[4];
    if (last !== undefined && reader.last !== null) {
      last.replaceChildren(el("time", { datetime: reader.last }, written(reader.last)));
    }
  }
  for (const site of progress.sites) {
    const row = rows.find(({ dataset }) => dataset["site"] === site.site);
    if (row !== undefined) count(row, site);
  }
}

function count(row: HTMLTableRowElement, { read, total }: Row): void {
  const bar = row.querySelector("progress");
  if (bar !== null) {
    bar.max = Math.max(total, 1);
    bar.value = read;
  }
  const number = row.cells[3];
  if (number !== undefined) number.textContent = `${String(read)} of ${String(total)}`;
}

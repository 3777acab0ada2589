/** Updates the progress table of readers (data-progress="address") from a small JSON response. */

import { getJson } from "../api";
import { el, formatTime } from "../dom";
import type { SiteProgress, StudyProgress } from "../schema";

type Count = Pick<SiteProgress, "read" | "total">;

const INTERVAL_S = 15;
const MAX_INTERVAL_S = 120;

export function startProgressUpdates(): void {
  const table = document.querySelector<HTMLElement>("[data-progress]");
  if (table !== null) schedule(table, 0);
}

function schedule(table: HTMLElement, failures: number): void {
  const delay = Math.min(INTERVAL_S * 2 ** failures, MAX_INTERVAL_S);
  setTimeout(() => void update(table, failures), delay * 1000);
}

async function update(table: HTMLElement, failures: number): Promise<void> {
  // A hidden tab asks for nothing.
  if (document.visibilityState !== "visible") {
    schedule(table, 0);
    return;
  }
  try {
    updateRows(table, await getJson<StudyProgress>(table.dataset["progress"] ?? ""));
    schedule(table, 0);
  } catch {
    schedule(table, failures + 1);
  }
}

/** Update the rows. A reader who joined meanwhile has no row until the page is loaded again. */
function updateRows(table: HTMLElement, progress: StudyProgress): void {
  const rows = [...table.querySelectorAll<HTMLTableRowElement>("tr[data-reader], tr[data-site]")];
  for (const reader of progress.readers) {
    const row = rows.find(({ dataset }) => dataset["reader"] === reader.label);
    if (row === undefined) continue;
    updateCount(row, reader);
    const last = row.cells[4];
    if (last !== undefined && reader.last !== null) {
      last.replaceChildren(el("time", { datetime: reader.last }, formatTime(reader.last)));
    }
  }
  for (const site of progress.sites) {
    const row = rows.find(({ dataset }) => dataset["site"] === site.site);
    if (row !== undefined) updateCount(row, site);
  }
}

function updateCount(row: HTMLTableRowElement, { read, total }: Count): void {
  const bar = row.querySelector("progress");
  if (bar !== null) {
    // A maximum of 0 would make the bar indeterminate.
    bar.max = Math.max(total, 1);
    bar.value = read;
  }
  const number = row.cells[3];
  if (number !== undefined) number.textContent = `${String(read)} of ${String(total)}`;
}

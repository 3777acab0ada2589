/** Parts of a page that refresh periodically (data-refresh in seconds, and an id), without moving the page. */

import { getHtml } from "../api";
import { formatTimes } from "./times";

const MAX_INTERVAL_S = 60;

export function startRefresh(): void {
  for (const part of document.querySelectorAll<HTMLElement>("[data-refresh][id]")) schedule(part.id, part, 0);
}

function schedule(id: string, part: HTMLElement, failures: number): void {
  const interval = Number(part.dataset["refresh"]);
  if (!(interval > 0)) return;
  // Doubled with each failure, so that many open pages do not overload a server that comes back.
  const delay = Math.min(interval * 2 ** failures, MAX_INTERVAL_S);
  setTimeout(() => void refreshPart(id, part, failures), delay * 1000);
}

async function refreshPart(id: string, part: HTMLElement, failures: number): Promise<void> {
  if (document.visibilityState !== "visible" || isBusy(part)) {
    schedule(id, part, 0);
    return;
  }
  try {
    const page = new DOMParser().parseFromString(await getHtml(window.location.href), "text/html");
    const updated = page.getElementById(id);
    // The person may have begun to use the part while the page was fetched.
    if (updated === null || isBusy(part)) {
      schedule(id, part, 0);
      return;
    }
    // The parsed page is another document, whose nodes have to be imported.
    const replacement = document.importNode(updated, true);
    formatTimes(replacement);
    part.replaceWith(replacement);
    schedule(id, replacement, 0);
  } catch {
    schedule(id, part, failures + 1);
  }
}

/** Return whether replacing a part would take the focus away or close opened details. */
function isBusy(part: HTMLElement): boolean {
  return part.contains(document.activeElement) || part.querySelector("details[open]") !== null;
}

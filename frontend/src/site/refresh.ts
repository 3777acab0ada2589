/** Parts of a page that renew themselves (data-refresh="5" and an id), without a jump. */

import { getPage } from "../api";
import { writeTimes } from "./times";

const LONGEST_S = 60;

export function refreshParts(): void {
  for (const part of document.querySelectorAll<HTMLElement>("[data-refresh][id]")) schedule(part.id, part, 0);
}

function schedule(id: string, part: HTMLElement, failures: number): void {
  const every = Number(part.dataset["refresh"]);
  if (!(every > 0)) return;
  const wait = Math.min(every * 2 ** failures, LONGEST_S);
  setTimeout(() => void renew(id, part, failures), wait * 1000);
}

async function renew(id: string, part: HTMLElement, failures: number): Promise<void> {
  const busy = part.contains(document.activeElement) || part.querySelector("details[open]") !== null;
  if (document.visibilityState !== "visible" || busy) {
    schedule(id, part, 0);
    return;
  }
  try {
    const page = new DOMParser().parseFromString(await getPage(window.location.href), "text/html");
    const fresh = page.getElementById(id);
    if (fresh === null || part.contains(document.activeElement)) {
      schedule(id, part, 0);
      return;
    }
    const renewed = document.importNode(fresh, true);
    writeTimes(renewed);
    part.replaceWith(renewed);
    schedule(id, renewed, 0);
  } catch {
    schedule(id, part, failures + 1);
  }
}

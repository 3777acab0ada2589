/** Times are written in the zone of the person's account; a new account gets the browser's zone. */

import { written } from "../dom";

export function writeTimes(part: ParentNode): void {
  for (const time of part.querySelectorAll<HTMLTimeElement>("time[datetime*='T']")) {
    time.textContent = written(time.dateTime);
  }
}

/** The browser's zone, where an account is being created and nothing else was chosen. */
export function suggestZone(part: ParentNode): void {
  const field = part.querySelector<HTMLInputElement>('input[name="time_zone"]');
  if (field?.value === "UTC") field.value = new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

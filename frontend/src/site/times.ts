/** Times in the time zone of the account; a new account is offered the browser's time zone. */

import { formatTime } from "../dom";

export function formatTimes(part: ParentNode): void {
  for (const time of part.querySelectorAll<HTMLTimeElement>("time[datetime*='T']")) {
    time.textContent = formatTime(time.dateTime);
  }
}

/** Set the time zone of a new account to the browser's, unless another one was selected. */
export function suggestTimeZone(part: ParentNode): void {
  const field = part.querySelector<HTMLInputElement>('input[name="time_zone"]');
  if (field?.value === "UTC") field.value = new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

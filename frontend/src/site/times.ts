/** Times in the time zone of the account; a new account is offered the browser's time zone. */

import { button, formatTime } from "../dom";

const OFFER = "[data-browser-time-zone]";

export function formatTimes(part: ParentNode): void {
  for (const time of part.querySelectorAll<HTMLTimeElement>("time[datetime*='T']")) {
    time.textContent = formatTime(time.dateTime);
  }
}

/** Set the time zone of a new account to the browser's, unless another one was selected. */
export function suggestTimeZone(part: ParentNode): void {
  const field = part.querySelector<HTMLInputElement>('input[name="time_zone"]');
  // On the profile page UTC may have been chosen: there the browser's time zone is offered instead.
  if (field?.value === "UTC" && part.querySelector(OFFER) === null) field.value = browserTimeZone();
}

/** Offer the browser's time zone on the profile page if the account has another one. */
export function offerBrowserTimeZone(part: ParentNode): void {
  const offer = part.querySelector<HTMLElement>(OFFER);
  const field = part.querySelector<HTMLInputElement>('input[name="time_zone"]');
  const zone = browserTimeZone();
  if (offer === null || field === null || field.value === zone) return;
  const use = button(`Use ${zone}`, () => {
    field.value = zone;
    field.focus();
  });
  offer.replaceChildren(`Your browser is set to ${zone}. `, use);
  offer.hidden = false;
}

function browserTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

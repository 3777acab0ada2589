/** Times in the time zone of the account; a new account is offered the browser's time zone. */

import { button, el, formatTime } from "../dom";
import { browserStorage } from "../reading/saving/outboxstore";

const OFFER = "[data-browser-time-zone], [data-home-time-zone]";
const KEPT = "verteread-time-zone-kept";

export function formatTimes(part: ParentNode): void {
  for (const time of part.querySelectorAll<HTMLTimeElement>("time[datetime*='T']")) {
    time.textContent = formatTime(time.dateTime);
  }
}

/** Set the time zone of a new account to the browser's, unless another one was selected. */
export function suggestTimeZone(part: ParentNode): void {
  const field = part.querySelector<HTMLInputElement>('input[name="time_zone"]');
  // On the home and profile pages UTC may have been chosen: there the browser's time zone is offered instead.
  if (field?.value === "UTC" && part.querySelector(OFFER) === null) field.value = browserTimeZone();
}

/** Offer the browser's time zone on the profile page if the account has another one. */
export function offerBrowserTimeZone(part: ParentNode): void {
  const offer = part.querySelector<HTMLElement>("[data-browser-time-zone]");
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

/** Offer the browser's time zone on the home page until the person uses it or keeps the account's. */
export function offerTimeZoneAtHome(part: ParentNode): void {
  const form = part.querySelector<HTMLFormElement>("form[data-home-time-zone]");
  const field = form?.querySelector<HTMLInputElement>('input[name="time_zone"]') ?? null;
  if (form === null || field === null) return;
  const [zone, storage] = [browserTimeZone(), browserStorage()];
  const decided = `${field.value} kept in ${zone}`;
  if (field.value === zone || storage?.getItem(KEPT) === decided) return;
  const keep = button(`Keep ${field.value}`, () => {
    storage?.setItem(KEPT, decided);
    form.hidden = true;
  });
  const use = el("button", {}, `Use ${zone}`);
  form.prepend(el("p", {}, `Times are shown in ${field.value}. Your browser is set to ${zone}.`));
  form.append(use, keep);
  field.value = zone;
  form.hidden = false;
}

function browserTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

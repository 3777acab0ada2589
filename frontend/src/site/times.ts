/** Times in the time zone of the account; an account with another time zone is offered that of the browser. */

import { button, el, formatTime } from "../dom";

const OFFER = "[data-browser-time-zone]";
const HOME_OFFER = "form[data-time-zone-offer]";
/** Holds the two time zones for which the offer on the home page was declined. */
const DECLINED_KEY = "verteread/time-zone-offer-declined";

export function formatTimes(part: ParentNode): void {
  for (const time of part.querySelectorAll<HTMLTimeElement>("time[datetime*='T']")) {
    time.textContent = formatTime(time.dateTime);
  }
}

/** Set the time zone of a new account to the browser's, unless another one was selected. */
export function suggestTimeZone(part: ParentNode): void {
  const field = part.querySelector<HTMLInputElement>('input[name="time_zone"]');
  // UTC may have been chosen for an account that exists: there the browser's time zone is offered instead.
  if (field?.value === "UTC" && part.querySelector(`${OFFER}, ${HOME_OFFER}`) === null) field.value = browserTimeZone();
}

/** Offer the browser's time zone on the profile page if the account has another one. */
export function offerBrowserTimeZone(part: ParentNode): void {
  const offer = part.querySelector<HTMLElement>(OFFER);
  const field = part.querySelector<HTMLInputElement>('input[name="time_zone"]');
  const zone = browserTimeZone();
  if (offer === null || field === null || isSameZone(field.value, zone)) return;
  const use = button(`Use ${zone}`, () => {
    field.value = zone;
    field.focus();
  });
  offer.replaceChildren(`Your browser is set to ${zone}. `, use);
  offer.hidden = false;
}

/** Offer the browser's time zone on the home page, until the person changes to it or keeps the one of the account. */
export function offerTimeZoneAtHome(part: ParentNode): void {
  const form = part.querySelector<HTMLFormElement>(HOME_OFFER);
  const field = form?.querySelector<HTMLInputElement>('input[name="time_zone"]') ?? null;
  const zone = browserTimeZone();
  if (form === null || field === null) return;
  const account = field.value;
  const declined = `${account} ${zone}`;
  if (isSameZone(account, zone) || readStored(DECLINED_KEY) === declined) return;
  field.value = zone;
  const keep = button(`Keep ${account}`, () => {
    store(DECLINED_KEY, declined);
    form.hidden = true;
  });
  form.querySelector(".message div")?.replaceChildren(
    el("p", {}, `Times are shown in ${account}, but your browser is set to ${zone}.`),
    el("div", { class: "actions" }, el("button", {}, `Use ${zone}`), keep),
  );
  form.hidden = false;
}

/** Return whether two names mean one time zone, such as Asia/Kolkata and Asia/Calcutta. */
function isSameZone(one: string, other: string): boolean {
  return canonicalZone(one) === canonicalZone(other);
}

function canonicalZone(name: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    // The browser does not have the name.
    return name;
  }
}

function readStored(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    // Storage is blocked: the offer appears again.
    return null;
  }
}

function store(key: string, value: string): void {
  try {
    window.localStorage.setItem(key, value);
  } catch {
    // Storage is blocked or full: the offer appears again.
  }
}

function browserTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

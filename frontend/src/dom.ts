/** Helpers that create and find elements, read page data and format times. */

type Child = Node | string | null;
type Listener = (event: Event) => void;
type Attribute = string | number | boolean | Listener | undefined;

/**
 * Create an element.
 *
 * Attributes named `on...` add listeners; `true` sets an empty attribute, `false` and undefined set none.
 * Children that are strings become text nodes, so that no text is ever parsed as HTML.
 */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Attribute> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function button(label: string, onClick: () => void, attributes: Record<string, Attribute> = {}): HTMLButtonElement {
  return el("button", { type: "button", onclick: onClick, ...attributes }, label);
}

export function requireElement<E extends HTMLElement = HTMLElement>(selector: string): E {
  const element = document.querySelector<E>(selector);
  if (element === null) throw new Error(`The page has no ${selector}.`);
  return element;
}

export function pageData<T>(): T {
  return JSON.parse(requireElement("#page-data").textContent) as T;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * Format a time such as "22 Nov 2026, 14:05" in the time zone of the account, as the server does.
 *
 * Month names are listed here because Intl spells September "Sept" in British English.
 */
export function formatTime(iso: string, zone = document.documentElement.dataset["timeZone"]): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(date);
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.find(({ type }) => type === name)?.value ?? "";
  const month = MONTHS[Number(part("month")) - 1] ?? "";
  return `${String(Number(part("day")))} ${month} ${part("year")}, ${part("hour")}:${part("minute")}`;
}

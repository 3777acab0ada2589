/** Small ways to make and find elements; page data from the template. */

type Child = Node | string | null;
type Listener = (event: Event) => void;
type Attribute = string | number | boolean | Listener | undefined;

/** Makes an element. `on...` adds a listener, `true` an empty attribute, `false` or undefined none. */
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

export function badge(kind: string, word: string): HTMLSpanElement {
  return el("span", { class: `badge ${kind}` }, word);
}

export function need<E extends HTMLElement = HTMLElement>(selector: string): E {
  const element = document.querySelector<E>(selector);
  if (element === null) throw new Error(`The page has no ${selector}.`);
  return element;
}

export function pageData<T>(): T {
  return JSON.parse(need("#page-data").textContent) as T;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "22 Nov 2026, 14:05", in the zone of the person's account, as the server writes it. */
export function written(iso: string, zone = document.documentElement.dataset["timeZone"]): string {
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

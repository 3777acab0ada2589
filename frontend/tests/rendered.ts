import { render } from "lit-html";

/** Return an element that contains the rendered template. */
export function rendered(template: unknown): HTMLElement {
  const element = document.createElement("div");
  render(template, element);
  return element;
}

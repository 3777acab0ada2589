// @vitest-environment happy-dom
import { expect, test } from "vitest";

import { openLinkedDetails } from "../../src/site/contents";

test("a table that a link leads to is opened", () => {
  const table = document.createElement("details");
  table.id = "table-3";
  document.body.replaceChildren(table);
  table.scrollIntoView = () => undefined;
  location.hash = "#table-3";
  openLinkedDetails(document);
  expect(table.open).toBe(true);
  table.open = false;
  dispatchEvent(new HashChangeEvent("hashchange"));
  expect(table.open).toBe(true);
});

test("links to sections open nothing", () => {
  document.body.innerHTML = `<section id="methods"></section><details id="table-1"></details>`;
  location.hash = "#methods";
  openLinkedDetails(document);
  expect(document.querySelector("details")?.open).toBe(false);
});

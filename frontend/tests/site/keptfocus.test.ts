// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";

import { keepFocus } from "../../src/site/keptfocus";

function load(form = "data-keep-focus"): HTMLFormElement {
  document.body.innerHTML = `<form ${form}><select name="outcome"></select><button>Apply</button></form>`;
  keepFocus(document, sessionStorage);
  return control("form");
}

function control<Name extends "form" | "select" | "button">(name: Name): HTMLElementTagNameMap[Name] {
  const element = document.querySelector(name);
  if (!element) throw new Error(`no ${name}`);
  return element;
}

function submit(form: HTMLFormElement): void {
  form.dispatchEvent(new Event("submit", { bubbles: true }));
}

beforeEach(() => { sessionStorage.clear(); });

test("the control that had the focus has it again after the page is loaded", () => {
  const form = load();
  control("button").focus();
  submit(form);
  load();
  expect(document.activeElement).toBe(control("button"));
});

test("the focus is returned once only", () => {
  const form = load();
  control("select").focus();
  submit(form);
  load();
  load();
  expect(document.activeElement).toBe(document.body);
});

test("other forms do not keep the focus", () => {
  const form = load("");
  control("button").focus();
  submit(form);
  load();
  expect(document.activeElement).toBe(document.body);
});

test("another page does not take the focus", () => {
  sessionStorage.setItem("focus-after-loading", JSON.stringify({ path: "/elsewhere", index: 0 }));
  load();
  expect(document.activeElement).toBe(document.body);
});

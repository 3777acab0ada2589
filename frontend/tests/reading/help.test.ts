// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { gradeDefinitions, showHelp } from "../../src/reading/help";
import type { Bindings } from "../../src/keys";
import { DEFAULT_KEYS } from "../../src/keys";
import { buttonNamed } from "../server";

function openHelp() {
  const changes: Bindings[] = [];
  const closed = showHelp(DEFAULT_KEYS, null, (bindings) => changes.push(bindings));
  const dialog = document.querySelector("dialog");
  if (dialog === null) throw new Error("no dialog");
  return { dialog, changes, closed };
}

describe("help", () => {
  afterEach(() => { document.body.replaceChildren(); });

  it("changes the key of an action, without taking the focus off its button", () => {
    const { dialog, changes } = openHelp();
    const button = buttonNamed(dialog, "i");
    button.focus();
    button.click();
    expect(dialog.querySelector("[role=status]")?.textContent).toBe("Press the new key for \u201cInvert image\u201d, or Escape to cancel.");
    expect([button.textContent, document.activeElement]).toEqual(["press a key", button]);
    document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "v", bubbles: true }));
    expect(document.activeElement).toBe(button);
    expect(button.textContent).toBe("v");
    expect(changes.map(({ invert }) => invert)).toEqual(["v"]);
  });

  it("changes nothing on Escape", () => {
    const { dialog, changes } = openHelp();
    buttonNamed(dialog, "i").click();
    dialog.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect(changes).toEqual([]);
    expect(buttonNamed(dialog, "i")).toBeDefined();
    expect(dialog.querySelector("[role=status]")?.textContent).toBe("Choose a key to change it.");
  });

  it("restores the default keys", () => {
    const { dialog, changes } = openHelp();
    buttonNamed(dialog, "Restore default keys").click();
    expect(changes).toEqual([DEFAULT_KEYS]);
  });

  it("resolves and removes the dialog when it is closed", async () => {
    const { dialog, closed } = openHelp();
    buttonNamed(dialog, "Close help").click();
    dialog.dispatchEvent(new Event("close"));
    await closed;
    expect(document.querySelector("dialog")).toBeNull();
  });

  it("assigns exactly 1/3 and 2/3 by the rule of the study (Kauppila 1997: lower grade)", () => {
    expect(gradeDefinitions("lower")).toContain("1: up to 1/3");
    expect(gradeDefinitions("upper")).toContain("2: 1/3 to less than 2/3");
  });
});

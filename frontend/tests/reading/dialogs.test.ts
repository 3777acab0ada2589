// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CommentDialog, ReasonDialog } from "../../src/reading/dialogs";

const CODES = [{ code: 3, label: "Noise" }, { code: 6, label: "Other" }];

function key(name: string): KeyboardEvent {
  return new KeyboardEvent("keydown", { key: name, cancelable: true });
}

function openReasons() {
  const dialog = new ReasonDialog(() => undefined);
  document.body.replaceChildren(dialog.root);
  const onAnswer = vi.fn();
  dialog.open("L1_posterior", CODES, onAnswer);
  return { dialog, onAnswer };
}

describe("reason dialog", () => {
  it("is answered by the digit of a reason", () => {
    const { dialog, onAnswer } = openReasons();
    expect(dialog.handleKey(key("3"))).toBe(true);
    expect(onAnswer).toHaveBeenCalledWith(3, "");
    expect(dialog.isOpen).toBe(false);
  });

  it("ignores the digits of other codes", () => {
    const { dialog, onAnswer } = openReasons();
    dialog.handleKey(key("5"));
    expect(onAnswer).not.toHaveBeenCalled();
    expect(dialog.isOpen).toBe(true);
  });

  it.each([["Escape", "Escape"], ["x", "KeyX"], ["\u0447", "KeyX"]])("closes without an answer on %s", (name, code) => {
    const { dialog, onAnswer } = openReasons();
    dialog.handleKey(new KeyboardEvent("keydown", { key: name, code }));
    expect(dialog.isOpen).toBe(false);
    expect(onAnswer).not.toHaveBeenCalled();
  });

  it("asks for a text for other reasons", () => {
    const { dialog, onAnswer } = openReasons();
    dialog.handleKey(key("6"));
    expect(onAnswer).not.toHaveBeenCalled();
    const input = dialog.root.querySelector("input");
    const form = dialog.root.querySelector("form");
    if (input === null || form === null) throw new Error("no form");
    input.value = " fusion ";
    form.dispatchEvent(new Event("submit", { cancelable: true }));
    expect(onAnswer).toHaveBeenCalledWith(6, "fusion");
  });

  it("leaves keys to the page while it is closed", () => {
    const { dialog } = openReasons();
    dialog.close();
    expect(dialog.handleKey(key("3"))).toBe(false);
  });
});

describe("comment dialog", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  function openComment() {
    const save = vi.fn();
    const dialog = new CommentDialog(save);
    document.body.replaceChildren(dialog.root);
    const text = dialog.root.querySelector("textarea");
    if (text === null) throw new Error("no text");
    const type = (value: string): void => {
      text.value = value;
      text.dispatchEvent(new Event("input"));
    };
    return { dialog, save, text, type };
  }

  it("saves once after a pause in typing", () => {
    const { save, type } = openComment();
    type("frac");
    vi.advanceTimersByTime(500);
    type("fracture");
    expect(save).not.toHaveBeenCalled();
    vi.advanceTimersByTime(900);
    expect(save.mock.calls).toEqual([["fracture"]]);
  });

  it("saves at once when it is closed, and nothing when unchanged", () => {
    const { dialog, save, type } = openComment();
    dialog.set("old");
    dialog.close();
    expect(save).not.toHaveBeenCalled();
    type("new");
    dialog.close();
    expect(save).toHaveBeenCalledWith("new");
    expect(dialog.root.hidden).toBe(true);
  });

  it("removes characters that cannot be stored and reports it", () => {
    const { dialog, save, type } = openComment();
    type("a\0b");
    dialog.flush();
    expect(save).toHaveBeenCalledWith("ab");
    expect(dialog.root.querySelector<HTMLElement>("[role=alert]")?.hidden).toBe(false);
  });

  it("puts the text of another window above unsaved text", () => {
    const { dialog, text, type } = openComment();
    type("mine");
    dialog.merge("theirs");
    expect(text.value).toBe("theirs\nmine");
  });
});

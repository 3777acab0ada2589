// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { confirmInDialog, promptForText } from "../src/dialog";
import { buttonNamed } from "./server";

function dialog(): HTMLDialogElement {
  const element = document.querySelector("dialog");
  if (element === null) throw new Error("no dialog");
  return element;
}

function submit(): void {
  dialog().querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
}

describe("dialogs", () => {
  it("confirm with the button", async () => {
    const answer = confirmInDialog({ title: "Lock the study", text: "Scores can no longer change.", confirmLabel: "Lock study", danger: true });
    expect(dialog().textContent).toContain("Scores can no longer change.");
    expect(buttonNamed(dialog(), "Lock study").className).toBe("danger");
    submit();
    expect(await answer).toBe(true);
    expect(document.querySelector("dialog")).toBeNull();
  });

  it("cancel with the button or Escape", async () => {
    const first = confirmInDialog({ title: "Lock", confirmLabel: "Lock" });
    buttonNamed(dialog(), "Cancel").click();
    expect(await first).toBe(false);
    const second = confirmInDialog({ title: "Lock", confirmLabel: "Lock" });
    dialog().dispatchEvent(new Event("cancel"));
    expect(await second).toBe(false);
  });

  it("accept a text only when it is not empty", async () => {
    const answer = promptForText({ title: "Exclude", label: "Reason", confirmLabel: "Exclude" });
    const text = dialog().querySelector("textarea");
    if (text === null) throw new Error("no text");
    text.value = "   ";
    submit();
    expect(document.querySelector("dialog")).not.toBeNull();
    text.value = " wrong patient ";
    submit();
    expect(await answer).toBe("wrong patient");
  });
});

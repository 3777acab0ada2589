// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ModelUpload } from "../../src/models/upload";
import { settle } from "../server";

let answer = { status: 201, body: "{}" };
let sent: string[] = [];

class Request {
  upload: { onprogress: ((event: { lengthComputable: boolean; loaded: number; total: number }) => void) | null } = { onprogress: null };
  onload: (() => void) | null = null;
  status = 0;
  responseText = "";

  open(method: string, path: string): void {
    sent.push(`${method} ${path}`);
  }

  setRequestHeader(): void {
    // The headers are tested with the client.
  }

  send(): void {
    this.upload.onprogress?.({ lengthComputable: true, loaded: 1, total: 4 });
    progress = document.querySelector("#model-status")?.textContent ?? "";
    this.status = answer.status;
    this.responseText = answer.body;
    this.onload?.();
  }
}

let progress = "";

function openForm(): { form: HTMLFormElement; added: () => number } {
  document.body.innerHTML = '<form id="model-form"><input name="name" value="Site B"><button>Add model</button><p id="model-status"></p></form>';
  const form = document.querySelector<HTMLFormElement>("#model-form");
  if (form === null) throw new Error("no form");
  let count = 0;
  new ModelUpload(form, "/api/v1/models/add", () => {
    count += 1;
  });
  return { form, added: () => count };
}

async function submit(form: HTMLFormElement): Promise<void> {
  form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  await settle();
}

describe("the form that adds a model", () => {
  beforeEach(() => {
    sent = [];
    vi.stubGlobal("XMLHttpRequest", Request);
  });

  it("uploads the file with its progress and reports success", async () => {
    answer = { status: 201, body: "{}" };
    const { form, added } = openForm();
    await submit(form);
    expect(sent).toEqual(["POST /api/v1/models/add"]);
    expect(progress).toBe("Uploading: 25 %");
    expect(added()).toBe(1);
  });

  it("shows why the server rejected the file, and can be sent again", async () => {
    answer = { status: 400, body: JSON.stringify({ error: { code: "unusable_weights", message: "This is not a weights file." } }) };
    const { form, added } = openForm();
    await submit(form);
    expect(document.querySelector("#model-status")?.textContent).toBe("This is not a weights file.");
    expect(added()).toBe(0);
    expect(form.querySelector("button")?.disabled).toBe(false);
    await submit(form);
    expect(sent).toHaveLength(2);
  });
});

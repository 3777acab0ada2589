// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Upload, UploadCounts, UploadList } from "../../src/cases/contract";
import { UploadPage } from "../../src/upload/page";
import { NO_COUNTS } from "../../src/upload/summary";
import { caseWith } from "../cases/fixtures";
import { buttonNamed, serve, settle } from "../server";

const SITES = [{ code: "A", name: "North Hospital" }, { code: "B", name: "South Hospital" }];
const PATH = "/api/studies/s/uploads";

function upload(id: string, changes: Partial<Upload> = {}): Upload {
  return { id, name: `${id}.dcm`, status: "accepted", at: `2026-11-29T08:00:0${id.slice(-1)}Z`, reason: null, case: caseWith(), ...changes };
}

function list(results: readonly Upload[], counts: Partial<UploadCounts> = {}): UploadList {
  return { results, counts: { ...NO_COUNTS, ...counts }, cursor: "t1", more: false };
}

async function openPage(table: Record<string, unknown>, sites = SITES.slice(0, 1)) {
  const sent = serve(table);
  const root = document.createElement("div");
  document.body.replaceChildren(root);
  await new UploadPage(root, { study: "s", api: "/api/", sites, has_uploads: false }).start();
  return { root, sent };
}

async function select(root: HTMLElement, files: readonly File[]): Promise<void> {
  const input = root.querySelector<HTMLInputElement>("#files");
  if (input === null) throw new Error("no file input");
  Object.defineProperty(input, "files", { value: files, configurable: true });
  input.dispatchEvent(new Event("change"));
  await settle();
}

/** Replace XMLHttpRequest by one that returns `status` and `body` for every file. */
function respondToFiles(status: number, body: unknown): FormData[] {
  const forms: FormData[] = [];
  vi.stubGlobal("XMLHttpRequest", class {
    status = status;
    responseText = JSON.stringify(body);
    upload: { onprogress: ((event: unknown) => void) | null } = { onprogress: null };
    onload: (() => void) | null = null;
    open(): void { /* nothing to do */ }
    setRequestHeader(): void { /* nothing to do */ }
    send(form: FormData): void {
      forms.push(form);
      this.upload.onprogress?.({ lengthComputable: true, loaded: 1, total: 1 });
      this.onload?.();
    }
  });
  return forms;
}

const textOf = (element: Element | null): string => element?.textContent ?? "";

describe("upload page", () => {
  beforeEach(() => { document.cookie = "csrftoken=token"; });
  afterEach(() => { vi.unstubAllGlobals(); vi.restoreAllMocks(); });

  it("lists the newest uploads with totals", async () => {
    const rejected = upload("u2", { status: "rejected", case: null, reason: { code: "hip", text: "This is a hip scan.", detail: "ViewPosition: AP" } });
    const { root } = await openPage({ [`GET ${PATH}`]: list([upload("u1"), rejected], { accepted: 1, rejected: 1 }) });
    const rows = [...root.querySelectorAll("tbody tr")];
    expect(rows.map((row) => textOf(row.querySelector("th")))).toEqual(["u2.dcm", "u1.dcm"]);
    expect(textOf(rows[0] ?? null)).toContain("This is a hip scan.");
    expect(textOf(rows[0]?.querySelector("details") ?? null)).toContain("ViewPosition: AP");
    expect(textOf(root.querySelector(".upload-totals"))).toContain("1 added, 0 pending review, 0 already in the study, 1 not added");
  });

  it("links to the review while images are pending", async () => {
    const pending = upload("u1", { status: "pending_review", case: caseWith({ state: "pending_review" }) });
    const { root } = await openPage({ [`GET ${PATH}`]: list([pending], { pending_review: 1 }) });
    expect(root.querySelector(".upload-totals a")?.getAttribute("href")).toBe("/studies/s/deidentification");
    expect(textOf(root.querySelector(".uploads"))).toContain("added, pending de-identification review");
  });

  it("sends nothing before a site is selected, and asks for the site", async () => {
    const forms = respondToFiles(200, { results: [upload("u3")] });
    const { root } = await openPage({ [`GET ${PATH}`]: list([]) }, SITES);
    await select(root, [new File(["x"], "1.dcm")]);
    expect(forms).toHaveLength(0);
    expect(textOf(root.querySelector("[role=status]"))).toContain("No site is selected, so nothing was sent.");
    const site = document.activeElement as HTMLSelectElement;
    expect(textOf(root.querySelector(`label[for=${site.id}]`))).toBe("Site where the images were acquired");
    site.value = "B";
    await select(root, [new File(["x"], "u3.dcm")]);
    expect(forms.map((form) => form.get("site"))).toEqual(["B"]);
    expect(textOf(root.querySelector("[role=status]"))).not.toContain("No site is selected");
  });

  it("sends each file with its site and shows the result", async () => {
    const forms = respondToFiles(200, { results: [upload("u3")] });
    const { root } = await openPage({ [`GET ${PATH}`]: list([]) });
    await select(root, [new File(["x"], "u3.dcm"), new File(["x"], ".DS_Store")]);
    expect(forms.map((form) => [form.get("site"), form.get("name")])).toEqual([["A", "u3.dcm"]]);
    expect(textOf(root.querySelector("tbody tr td"))).toContain("added");
    expect(textOf(root)).toContain("C0001");
  });

  it("keeps a file that the server rejects, to be sent again or dismissed", async () => {
    respondToFiles(400, { error: { code: "unknown_site", message: "Choose a site of the study." } });
    const { root } = await openPage({ [`GET ${PATH}`]: list([]) });
    await select(root, [new File(["x"], "1.dcm")]);
    expect(textOf(root.querySelector("tbody"))).toContain("not sentChoose a site of the study.");
    expect(buttonNamed(root, "Send 1.dcm again")).toBeDefined();
    buttonNamed(root, "Dismiss 1.dcm").click();
    await settle();
    expect(root.querySelectorAll("tbody tr")).toHaveLength(0);
  });

  it("does not send a file that is not a usable zip archive", async () => {
    const forms = respondToFiles(200, { results: [] });
    const { root } = await openPage({ [`GET ${PATH}`]: list([]) });
    await select(root, [new File(["text"], "scans.zip")]);
    await settle();
    expect(forms).toHaveLength(0);
    expect(textOf(root.querySelector("tbody"))).toContain("damaged or incomplete");
  });

  it("dismisses one upload, and all of them", async () => {
    const { root, sent } = await openPage({
      [`GET ${PATH}`]: list([upload("u1"), upload("u2")], { accepted: 2 }),
      "POST /api/uploads/u1/dismiss": {},
      [`POST ${PATH}/dismiss-all`]: {},
    });
    buttonNamed(root, "Dismiss u1.dcm").click();
    await settle();
    expect(textOf(root.querySelector(".upload-totals"))).toContain("1 added");
    buttonNamed(root, "Dismiss all").click();
    await settle();
    expect(sent.map(({ path }) => path)).toContain(`${PATH}/dismiss-all`);
    expect(root.querySelectorAll("tbody tr")).toHaveLength(0);
  });

  it("sends a file again on request", async () => {
    respondToFiles(400, { error: { code: "unknown_site", message: "Choose a site of the study." } });
    const { root } = await openPage({ [`GET ${PATH}`]: list([]) });
    await select(root, [new File(["x"], "u3.dcm")]);
    const forms = respondToFiles(200, { results: [upload("u3")] });
    buttonNamed(root, "Send u3.dcm again").click();
    await settle();
    expect(forms).toHaveLength(1);
    expect([...root.querySelectorAll("tbody tr")].map((row) => textOf(row))).toHaveLength(1);
    expect(textOf(root.querySelector("tbody tr td"))).toContain("added");
  });

  it("names the progress of each file, and of all of them", async () => {
    let finish = (): void => undefined;
    vi.stubGlobal("XMLHttpRequest", class {
      status = 200;
      responseText = JSON.stringify({ results: [upload("u3")] });
      upload: { onprogress: ((event: unknown) => void) | null } = { onprogress: null };
      onload: (() => void) | null = null;
      open(): void { /* nothing to do */ }
      setRequestHeader(): void { /* nothing to do */ }
      send(): void {
        this.upload.onprogress?.({ lengthComputable: true, loaded: 1, total: 4 });
        finish = () => { this.onload?.(); };
      }
    });
    const { root } = await openPage({ [`GET ${PATH}`]: list([]) });
    await select(root, [new File(["x"], "u3.dcm")]);
    const bars = (): string[] => [...root.querySelectorAll("progress")].map((bar) => `${bar.getAttribute("aria-label") ?? ""} ${String(bar.value)}/${String(bar.max)}`);
    expect(bars()).toEqual(["Sending 0 of 1 0/1", "u3.dcm sent 25/100"]);
    expect(textOf(root.querySelector("tbody tr td"))).toContain("25 %");
    finish();
    await settle();
    expect(bars()).toEqual([]);
    expect(textOf(root.querySelector("tbody tr td"))).toContain("added");
  });

  it("waits for the result of a file that the server received without responding", async () => {
    vi.useFakeTimers({ now: Date.parse("2026-11-29T08:00:00Z") });
    try {
      respondToFiles(504, {});
      const table: Record<string, unknown> = { [`GET ${PATH}`]: list([]) };
      const { root } = await openPage(table);
      void select(root, [new File(["x"], "u3.dcm")]);
      await vi.advanceTimersByTimeAsync(100);
      expect(textOf(root.querySelector("tbody tr td"))).toContain("no response yet");
      table[`GET ${PATH}?since=t1`] = list([upload("u3")], { accepted: 1 });
      await vi.advanceTimersByTimeAsync(10_000);
      expect([...root.querySelectorAll("tbody th")].map(textOf)).toEqual(["u3.dcm"]);
      expect(textOf(root.querySelector("tbody tr td"))).toContain("added");
    } finally {
      vi.useRealTimers();
    }
  });

  it("shows the newest 60 files and offers older ones", async () => {
    const at = (number: number): string => `2026-11-29T08:00:00.${String(number).padStart(6, "0")}Z`;
    const uploads = Array.from({ length: 61 }, (_, number) => upload(`u${String(number)}`, { at: at(number) }));
    const { root } = await openPage({ [`GET ${PATH}`]: list(uploads, { accepted: 61 }) });
    expect(root.querySelectorAll("tbody tr")).toHaveLength(60);
    expect(textOf(root.querySelector("tbody th"))).toBe("u60.dcm");
    expect(buttonNamed(root, "Show older files").closest("[hidden]")).toBeNull();
  });

  it("loads older uploads after the last one shown", async () => {
    const { root, sent } = await openPage({
      [`GET ${PATH}`]: list([upload("u9")], { accepted: 2 }),
      [`GET ${PATH}?before=2026-11-29T08%3A00%3A09Z_u9`]: list([upload("u1")], { accepted: 2 }),
    });
    buttonNamed(root, "Show older files").click();
    await settle();
    expect(sent.at(-1)?.path).toContain("before=");
    expect(root.querySelectorAll("tbody tr")).toHaveLength(2);
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Dismiss u1.dcm");
    expect(buttonNamed(root, "Show older files").closest("[hidden]")).not.toBeNull();
  });

  it("polls while cases are being analysed", async () => {
    vi.useFakeTimers();
    try {
      const { root, sent } = await openPage({
        [`GET ${PATH}`]: list([upload("u1")], { accepted: 1, to_analyse: 2, analysing: 1 }),
        [`GET ${PATH}?since=t1`]: list([], { accepted: 1, to_analyse: 2, analysing: 0 }),
      });
      expect(textOf(root.querySelector(".upload-summary"))).toContain("Analysing 1 of 2");
      expect(root.querySelector("progress")?.getAttribute("aria-label")).toBe("Analysing 1 of 2");
      await vi.advanceTimersByTimeAsync(10_000);
      expect(sent.filter(({ path }) => path.endsWith("since=t1"))).toHaveLength(1);
      expect(textOf(root.querySelector(".upload-summary"))).not.toContain("Analysing");
    } finally {
      vi.useRealTimers();
    }
  });

  it("keeps the focus and open details while polled results change", async () => {
    vi.useFakeTimers();
    try {
      const reason = { code: "hip", text: "This is a hip scan.", detail: "ViewPosition: AP" };
      const rejected = upload("u2", { status: "rejected", case: null, reason });
      const { root } = await openPage({
        [`GET ${PATH}`]: list([rejected, upload("u1", { case: caseWith({ state: "analysing" }) })], { accepted: 1, rejected: 1, analysing: 1 }),
        [`GET ${PATH}?since=t1`]: list([upload("u3"), upload("u1")], { accepted: 2, rejected: 1 }),
      });
      const details = root.querySelector("details");
      details?.setAttribute("open", "");
      const button = buttonNamed(root, "Dismiss u1.dcm");
      button.focus();
      await vi.advanceTimersByTimeAsync(10_000);
      expect([...root.querySelectorAll("tbody th")].map(textOf)).toEqual(["u3.dcm", "u2.dcm", "u1.dcm"]);
      expect(textOf(button.closest("tr"))).toContain("ready");
      expect(document.activeElement).toBe(button);
      expect(root.querySelector("details")).toBe(details);
      expect(details?.hasAttribute("open")).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});

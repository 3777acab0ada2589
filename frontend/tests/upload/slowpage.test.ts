// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Upload, UploadCounts, UploadList } from "../../src/cases/contract";
import { UploadPage } from "../../src/upload/page";
import { NO_COUNTS } from "../../src/upload/summary";
import { caseWith } from "../cases/fixtures";
import { Failure, buttonNamed, serve, settle } from "../server";

const PATH = "/api/studies/s/uploads";

function upload(id: string): Upload {
  return { id, name: `${id}.dcm`, status: "accepted", at: `2026-11-29T08:00:0${id.slice(-1)}Z`, reason: null, case: caseWith() };
}

function list(results: readonly Upload[], counts: Partial<UploadCounts> = {}): UploadList {
  return { results, counts: { ...NO_COUNTS, ...counts }, cursor: "t1", more: false };
}

async function openPage(table: Record<string, unknown>) {
  const sent = serve(table);
  const root = document.createElement("div");
  document.body.replaceChildren(root);
  void new UploadPage(root, { study: "s", api: "/api/", sites: [{ code: "A", name: "North Hospital" }], has_uploads: true }).start();
  for (let round = 0; round < 20; round += 1) await Promise.resolve();
  return { root, sent };
}

const textOf = (element: Element | null): string => element?.textContent ?? "";

describe("upload page on a slow connection", () => {
  beforeEach(() => { document.cookie = "csrftoken=token"; });
  afterEach(() => { vi.unstubAllGlobals(); vi.restoreAllMocks(); });

  it("has its layout before the list has arrived, and says that the list is loading", async () => {
    let answer: (page: UploadList) => void = () => undefined;
    const { root } = await openPage({ [`GET ${PATH}`]: () => new Promise((resolve) => { answer = resolve; }) });
    expect(root.querySelector(".drop-zone")?.classList).toContain("compact");
    expect(textOf(root.querySelector("[role=status]"))).toContain("Loading the list of files");
    answer(list([upload("u1")], { accepted: 1 }));
    await settle();
    expect(root.querySelector(".drop-zone")?.classList).toContain("compact");
    expect(textOf(root.querySelector("[role=status]"))).not.toContain("Loading");
  });

  it("counts a file once that is dismissed twice", async () => {
    let answer: (response: unknown) => void = () => undefined;
    const { root, sent } = await openPage({
      [`GET ${PATH}`]: list([upload("u1"), upload("u2")], { accepted: 2 }),
      "POST /api/uploads/u1/dismiss": () => new Promise((resolve) => { answer = resolve; }),
    });
    for (let click = 0; click < 2; click += 1) buttonNamed(root, "Dismiss u1.dcm").click();
    answer({});
    await settle();
    expect(sent.filter(({ method }) => method === "POST")).toHaveLength(1);
    expect(textOf(root.querySelector(".upload-totals"))).toContain("1 added");
  });

  it("does not list a dismissed file again when an earlier poll is answered last", async () => {
    vi.useFakeTimers();
    try {
      const table: Record<string, unknown> = {
        [`GET ${PATH}`]: list([upload("u1")], { accepted: 1, to_analyse: 1, analysing: 1 }),
        "POST /api/uploads/u1/dismiss": {},
      };
      const { root } = await openPage(table);
      let answer: (page: UploadList) => void = () => undefined;
      table[`GET ${PATH}?since=t1`] = () => new Promise((resolve) => { answer = resolve; });
      await vi.advanceTimersByTimeAsync(3_000);
      buttonNamed(root, "Dismiss u1.dcm").click();
      await vi.advanceTimersByTimeAsync(0);
      table[`GET ${PATH}?since=t1`] = list([]);
      answer(list([upload("u1")], { accepted: 1 }));
      await vi.advanceTimersByTimeAsync(5_000);
      expect(root.querySelectorAll("tbody tr")).toHaveLength(0);
      expect(root.querySelector(".upload-totals")).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });

  it("says why a file could not be dismissed", async () => {
    const { root } = await openPage({
      [`GET ${PATH}`]: list([upload("u1")], { accepted: 1 }),
      "POST /api/uploads/u1/dismiss": new Failure(503, "unavailable", "Try again later."),
    });
    buttonNamed(root, "Dismiss u1.dcm").click();
    await settle();
    expect(textOf(root.querySelector("[role=status]"))).toContain("Try again later.");
    expect(root.querySelectorAll("tbody tr")).toHaveLength(1);
  });
});

/** Case details as text and small tables. */

import { el, formatTime } from "../dom";
import { VERTEBRAE } from "../viewer/overlay/marks";
import type { PixelShape, PixelSize } from "../viewer/pixelsize";
import { cropFacts } from "./cropfacts";
import type { CaseDetail, LandmarkSet } from "./contract";

const COLUMNS = [
  ["Level", "", "Vertebral level"],
  ["Confidence", "number", "Confidence of the network in this vertebra"],
  ["Posterior, mm", "number", "Posterior height of the vertebral body"],
  ["Anterior, mm", "number", "Anterior height of the vertebral body"],
  ["Shape", "", "Genant grade of the largest height loss"],
] as const;

export function caseFacts(caseDetail: CaseDetail): HTMLElement {
  return factList([
    ["Patient", caseDetail.patient],
    ["Site", caseDetail.site.name],
    ["Scanner", caseDetail.scanner],
    ["Scan date", caseDetail.acquired_shifted === null ? "unknown" : `${formatDate(caseDetail.acquired_shifted)} (shifted)`],
    ["Anterior side", caseDetail.anterior === null ? "not determined yet" : `${caseDetail.anterior} on the image`],
    ["Pixel size", pixelSizeText(caseDetail.image)],
    ["Uploaded", formatTime(caseDetail.uploaded_at)],
    ...caseDetail.former_images.map((former) => [
      `Image version ${String(former.version)}`,
      `replaced on ${formatTime(former.replaced_at)}: ${former.changes}`,
    ] as const),
  ]);
}

export function landmarkFacts(set: LandmarkSet, size: PixelSize): HTMLElement {
  const rows = VERTEBRAE.map((name) => {
    const confidence = set.confidence[name];
    const shape = set.morphometry[name] as Record<string, unknown> | null | undefined;
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, name),
      numberCell(confidence, (value) => `${String(Math.round(value * 100))} %`),
      numberCell(shape?.["posterior_height_mm"], (value) => value.toFixed(1)),
      numberCell(shape?.["anterior_height_mm"], (value) => value.toFixed(1)),
      el("td", {}, typeof shape?.["grade"] === "string" ? shape["grade"] : "\u2013"),
    );
  });
  const head = el(
    "tr",
    {},
    ...COLUMNS.map(([text, kind, title]) => el("th", { scope: "col", class: kind, title }, text)),
  );
  const lordosis = set.morphometry["lordosis_deg"];
  const lordosisText = typeof lordosis === "number" ? `Lordosis L1 to L5: ${lordosis.toFixed(1)}\u00b0` : null;
  return el(
    "section",
    {},
    el("h2", {}, set.source === "model" ? "Landmarks of the network" : "Corrected landmarks"),
    el("table", { class: "levels" }, el("thead", {}, head), el("tbody", {}, ...rows)),
    lordosisText === null ? null : el("p", {}, lordosisText),
    ...set.warnings.map(({ text }) => el("p", { class: "message doubt" }, text)),
    el("p", { class: "small muted" }, modelNote(set)),
    ...cropFacts(set.crop, size),
  );
}

export function uncertaintyMessage(caseDetail: CaseDetail): HTMLElement {
  const message = "Level labelling is uncertain. The case cannot be assigned to readers until you accept the labels, correct them or exclude the case.";
  return el("div", { class: "message doubt" }, el("div", {}, el("p", {}, message), el("p", {}, caseDetail.doubt?.detail ?? "")));
}

function modelNote(set: LandmarkSet): string {
  const heights = "Four corners do not give the middle height, so a biconcave deformity cannot be detected.";
  if (set.model === null) return heights;
  const { name, checksum, training_note: note } = set.model;
  return `${heights} Model: ${name}, ${checksum.slice(0, 12)}, ${note}.`;
}

function factList(pairs: readonly (readonly [string, string])[]): HTMLElement {
  const known = pairs.filter(([, value]) => value !== "");
  return el("dl", { class: "facts" }, ...known.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function numberCell(value: unknown, format: (value: number) => string): HTMLTableCellElement {
  return el("td", { class: "number" }, typeof value === "number" ? format(value) : "\u2013");
}

function pixelSizeText(image: PixelShape | null): string {
  if (image === null) return "unknown";
  const { spacing_mm: spacing, pixel_aspect: aspect } = image;
  if (spacing !== null) return `${spacing[0].toFixed(4)} mm vertically, ${spacing[1].toFixed(4)} mm horizontally`;
  return aspect === 1 ? "unknown" : `unknown, ${aspect.toFixed(2)} times as high as wide`;
}

function formatDate(iso: string): string {
  const options = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" } as const;
  return new Date(iso).toLocaleDateString("en-GB", options);
}

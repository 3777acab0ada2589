/** What is known about a case, in words and small tables. */

import { el, written } from "../dom";
import { VERTEBRAE } from "../viewer/overlay/marks";
import type { PixelShape, PixelSize } from "../viewer/pixelsize";
import { cropFacts } from "./cropfacts";
import type { CaseDetail, LandmarkSet } from "./contract";

const HEADS = [
  ["Level", "", "Name of the vertebra"],
  ["Sure", "number", "How sure the model is of this vertebra"],
  ["Back, mm", "number", "Posterior height"],
  ["Front, mm", "number", "Anterior height"],
  ["Shape", "", "Genant's grade of the largest loss of height"],
] as const;

export function caseFacts(found: CaseDetail): HTMLElement {
  return facts([
    ["Patient", found.patient],
    ["Site", found.site.name],
    ["Scanner", found.scanner],
    ["Scanned", found.acquired_shifted === null ? "not known" : `${day(found.acquired_shifted)} (shifted)`],
    ["Anterior", found.anterior === null ? "not known yet" : `${found.anterior} on the image`],
    ["Pixel", pixelText(found.image)],
    ["Added", written(found.uploaded_at)],
    ...found.former_images.map((former) => [
      `Image version ${String(former.version)}`,
      `replaced on ${written(former.replaced_at)}: ${former.changes}`,
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
      figure(confidence, (value) => `${String(Math.round(value * 100))} %`),
      figure(shape?.["posterior_height_mm"], (value) => value.toFixed(1)),
      figure(shape?.["anterior_height_mm"], (value) => value.toFixed(1)),
      el("td", {}, typeof shape?.["grade"] === "string" ? shape["grade"] : "\u2013"),
    );
  });
  const head = el(
    "tr",
    {},
    ...HEADS.map(([text, kind, more]) => el("th", { scope: "col", class: kind, title: more }, text)),
  );
  const lordosis = set.morphometry["lordosis_deg"];
  const curve = typeof lordosis === "number" ? `Lordosis L1 to L5: ${lordosis.toFixed(1)}\u00b0` : null;
  return el(
    "section",
    {},
    el("h2", {}, set.source === "model" ? "What the model found" : "Measured on these landmarks"),
    el("table", { class: "levels" }, el("thead", {}, head), el("tbody", {}, ...rows)),
    curve === null ? null : el("p", {}, curve),
    ...set.warnings.map(({ text }) => el("p", { class: "message doubt" }, text)),
    el("p", { class: "small muted" }, modelNote(set)),
    ...cropFacts(set.crop, size),
  );
}

export function doubtMessage(found: CaseDetail): HTMLElement {
  const words = "The names of the levels are in doubt. The case cannot be dealt until you accept, correct or exclude it.";
  return el("div", { class: "message doubt" }, el("div", {}, el("p", {}, words), el("p", {}, found.doubt?.detail ?? "")));
}

function modelNote(set: LandmarkSet): string {
  const heights = "Four corners give no middle height: a biconcave deformity cannot be seen here.";
  if (set.model === null) return heights;
  const { name, checksum, training_note: note } = set.model;
  return `${heights} Model: ${name}, ${checksum.slice(0, 12)}, ${note}.`;
}

function facts(pairs: readonly (readonly [string, string])[]): HTMLElement {
  const known = pairs.filter(([, value]) => value !== "");
  return el("dl", { class: "facts" }, ...known.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function figure(value: unknown, write: (value: number) => string): HTMLTableCellElement {
  return el("td", { class: "number" }, typeof value === "number" ? write(value) : "\u2013");
}

function pixelText(image: PixelShape | null): string {
  if (image === null) return "size not known";
  const { spacing_mm: spacing, pixel_aspect: aspect } = image;
  if (spacing !== null) return `${spacing[0].toFixed(4)} mm down, ${spacing[1].toFixed(4)} mm across`;
  return aspect === 1 ? "size not known" : `size not known, ${aspect.toFixed(2)} times as high as wide`;
}

function day(iso: string): string {
  const options = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" } as const;
  return new Date(iso).toLocaleDateString("en-GB", options);
}

/** What is known about a case, in words and small tables. */

import { badge, el, written } from "../dom";
import type { CaseDetail, LandmarkSet } from "./contract";

const CROP: Readonly<Record<string, readonly [string, string]>> = {
  ok: ["good", "The aorta in front of L1 to L4 lies inside the image"],
  cropped: ["warning", "The aorta in front of L1 to L4 may be cut off"],
  unknown: ["doubt", "It cannot be told whether the aorta is cut off"],
};

const RULES: Readonly<Record<string, string>> = {
  field: "by where the field ends and where the aorta's front is to be expected",
  vertenet: "by the rule of VerteNet's authors",
};

const LEVELS = ["T12", "L1", "L2", "L3", "L4", "L5"];

const HEADS = [
  ["Level", "", "Name of the vertebra"],
  ["Sure", "number", "How sure the model is of this vertebra"],
  ["Back, mm", "number", "Posterior height"],
  ["Front, mm", "number", "Anterior height"],
  ["Shape", "", "Genant's grade of the largest loss of height"],
  ["Margin, mm", "number", "From the aorta's expected anterior border to the end of the field"],
] as const;

export function caseFacts(found: CaseDetail): HTMLElement {
  const spacing = found.image?.spacing_mm ?? null;
  return facts([
    ["Patient", found.patient],
    ["Site", found.site.name],
    ["Scanner", found.scanner],
    ["Scanned", found.acquired_shifted === null ? "not known" : `${day(found.acquired_shifted)} (shifted)`],
    ["Anterior", found.anterior === null ? "not known yet" : `${found.anterior} on the image`],
    ["Pixel", spacing === null ? "size not known" : `${spacing[0].toFixed(4)} mm down, ${spacing[1].toFixed(4)} mm across`],
    ["Added", written(found.uploaded_at)],
  ]);
}

export function landmarkFacts(set: LandmarkSet): HTMLElement {
  const [kind, words] = CROP[set.crop.verdict] ?? ["", set.crop.verdict];
  const rule = RULES[set.crop.method];
  const rows = LEVELS.map((name) => {
    const confidence = set.confidence[name];
    const margin = set.crop.levels[name]?.margin_mm;
    const shape = set.morphometry[name] as Record<string, unknown> | null | undefined;
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, name),
      figure(confidence, (value) => `${String(Math.round(value * 100))} %`),
      figure(shape?.["posterior_height_mm"], (value) => value.toFixed(1)),
      figure(shape?.["anterior_height_mm"], (value) => value.toFixed(1)),
      el("td", {}, typeof shape?.["grade"] === "string" ? shape["grade"] : "\u2013"),
      figure(margin, (value) => value.toFixed(0)),
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
    el("h2", {}, "What the model found"),
    el("p", {}, badge(kind, "crop"), ` ${words}${rule === undefined ? "" : `, ${rule}`}.`),
    el("table", { class: "levels" }, el("thead", {}, head), el("tbody", {}, ...rows)),
    curve === null ? null : el("p", {}, curve),
    ...set.warnings.map(({ text }) => el("p", { class: "message doubt" }, text)),
    el("p", { class: "small muted" }, modelNote(set)),
  );
}

export function historyList(found: CaseDetail): HTMLElement {
  const items = [...found.history].reverse().map((version) => {
    const who = version.by === undefined || version.by === "" ? "" : `, ${version.by}`;
    const when = version.at === undefined ? "" : `, ${written(version.at)}`;
    return el("li", {}, `Version ${String(version.version)}: ${version.text ?? version.source}${who}${when}`);
  });
  return el("section", {}, el("h2", {}, "Landmark sets"), el("ul", { class: "history" }, ...items));
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

function day(iso: string): string {
  const options = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" } as const;
  return new Date(iso).toLocaleDateString("en-GB", options);
}

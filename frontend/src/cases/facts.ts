/** What is known about a case, in words and small tables. */

import { badge, el, written } from "../dom";
import type { CaseDetail, LandmarkSet } from "./contract";

const CROP: Readonly<Record<string, readonly [string, string]>> = {
  ok: ["good", "the aorta in front of L1 to L4 lies inside the image"],
  cropped: ["warning", "the aorta in front of L1 to L4 is cut off"],
  unknown: ["doubt", "cannot be told"],
};

const LEVELS = ["T12", "L1", "L2", "L3", "L4", "L5"];

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
      figure(margin, (value) => value.toFixed(0)),
    );
  });
  const heads = ["Level", "Sure", "Height behind, mm", "Height in front, mm", "Margin, mm"];
  const head = el("tr", {}, ...heads.map((text, i) => el("th", { scope: "col", class: i === 0 ? "" : "number" }, text)));
  return el(
    "section",
    {},
    el("h2", {}, "What the model found"),
    el("p", {}, badge(kind, "crop"), ` ${words}`),
    el("table", { class: "levels" }, el("thead", {}, head), el("tbody", {}, ...rows)),
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

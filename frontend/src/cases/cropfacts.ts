/** The crop check as text: verdict, margin of each level, and lines that leave the field of view. */

import { badge, el } from "../dom";
import { findLostLines, levelMargins } from "../viewer/overlay/cropmarks";
import type { CropCheck, CropVerdict } from "../viewer/overlay/cropmarks";
import type { PixelSize } from "../viewer/pixelsize";

const VERDICTS: Readonly<Record<CropVerdict, readonly [string, string]>> = {
  ok: ["good", "The aorta at L1 to L4 is in the field of view"],
  cropped: ["warning", "The aorta at L1 to L4 may be cropped"],
  borderline: ["doubt", "The expected anterior aortic wall is near the edge of the field of view. Check on the image whether the aorta is cropped"],
  unknown: ["doubt", "Whether the aorta is cropped could not be determined"],
};

const RULES: Readonly<Record<string, string>> = {
  field: "from the edge of the field of view and the expected anterior aortic wall",
  vertenet: "by the rule of the VerteNet authors",
};

export function cropFacts(crop: CropCheck, size: PixelSize): HTMLElement[] {
  const [kind, text] = VERDICTS[crop.verdict];
  const rule = RULES[crop.method];
  const margins = levelMargins(crop, size);
  const lostLines = findLostLines(crop);
  const vertenetVerdict = crop.evidence.vertenet?.verdict;
  return [
    el("h2", {}, "Crop check"),
    el("p", {}, badge(kind, "crop"), ` ${text}.${rule === undefined ? "" : ` Judged ${rule}.`}`),
    ...(margins.length === 0 ? [] : [marginTable(margins)]),
    ...(lostLines.length === 0 ? [] : [lostLineList(lostLines)]),
    ...(vertenetVerdict === undefined ? [] : [el("p", { class: "small muted" }, `Verdict by the rule of the VerteNet authors: ${vertenetVerdict}.`)]),
  ];
}

function marginTable(margins: ReturnType<typeof levelMargins>): HTMLElement {
  const rows = margins.map(({ level, text, where, verdict }) =>
    el("tr", {}, el("th", { scope: "row" }, level), el("td", {}, badge(VERDICTS[verdict][0], verdict === "borderline" ? `${text}, near the edge` : text)), el("td", {}, where)),
  );
  const headings = ["Level", "Margin to the expected anterior aortic wall", "Edge of the field of view"];
  const headerRow = el("tr", {}, ...headings.map((text) => el("th", { scope: "col" }, text)));
  return el("table", { class: "levels" }, el("thead", {}, headerRow), el("tbody", {}, ...rows));
}

function lostLineList(lostLines: ReturnType<typeof findLostLines>): HTMLElement {
  const items = lostLines.map(({ text }) => el("li", {}, text));
  const text = items.length === 1 ? "1 line leaves the field of view" : `${String(items.length)} lines leave the field of view`;
  return el("details", {}, el("summary", {}, text), el("ul", { class: "small" }, ...items));
}

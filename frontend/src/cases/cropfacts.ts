/** The crop check in words: the verdict, each level's room, and the lines that leave the field. */

import { badge, el } from "../dom";
import { lossesOf, roomsOf } from "../viewer/overlay/cropmarks";
import type { CropCheck, CropVerdict } from "../viewer/overlay/cropmarks";
import type { PixelSize } from "../viewer/pixelsize";

const VERDICTS: Readonly<Record<CropVerdict, readonly [string, string]>> = {
  ok: ["good", "The aorta in front of L1 to L4 lies inside the image"],
  cropped: ["warning", "The aorta in front of L1 to L4 may be cut off"],
  borderline: ["doubt", "The field ends too near the aorta's front to tell whether it is cut off: look at the image"],
  unknown: ["doubt", "It cannot be told whether the aorta is cut off"],
};

const RULES: Readonly<Record<string, string>> = {
  field: "by where the field ends and where the aorta's front is to be expected",
  vertenet: "by the rule of VerteNet's authors",
};

export function cropFacts(crop: CropCheck, size: PixelSize): HTMLElement[] {
  const [kind, words] = VERDICTS[crop.verdict];
  const rule = RULES[crop.method];
  const rooms = roomsOf(crop, size);
  const losses = lossesOf(crop);
  const theirs = crop.evidence.vertenet?.verdict;
  return [
    el("h2", {}, "Crop check"),
    el("p", {}, badge(kind, "crop"), ` ${words}.${rule === undefined ? "" : ` Judged ${rule}.`}`),
    ...(rooms.length === 0 ? [] : [roomTable(rooms)]),
    ...(losses.length === 0 ? [] : [lossList(losses)]),
    ...(theirs === undefined ? [] : [el("p", { class: "small muted" }, `The rule of VerteNet's authors says: ${theirs}.`)]),
  ];
}

function roomTable(rooms: ReturnType<typeof roomsOf>): HTMLElement {
  const rows = rooms.map(({ level, text, where, verdict }) =>
    el("tr", {}, el("th", { scope: "row" }, level), el("td", {}, badge(VERDICTS[verdict][0], verdict === "borderline" ? `${text}, too close` : text)), el("td", {}, where)),
  );
  const heads = ["Level", "Room before the aorta's front", "The field ends at"];
  const head = el("tr", {}, ...heads.map((text) => el("th", { scope: "col" }, text)));
  return el("table", { class: "levels" }, el("thead", {}, head), el("tbody", {}, ...rows));
}

function lossList(losses: ReturnType<typeof lossesOf>): HTMLElement {
  const items = losses.map(({ text }) => el("li", {}, text));
  const words = items.length === 1 ? "One line leaves the field" : `${String(items.length)} lines leave the field`;
  return el("details", {}, el("summary", {}, words), el("ul", { class: "small" }, ...items));
}

/** The crop check as text: verdict, margin of each level, and lines that leave the field of view. */

import { html, nothing } from "lit-html";
import type { TemplateResult } from "lit-html";
import { badge } from "../badge";
import { findLostLines, levelMargins } from "../viewer/overlay/cropmarks";
import type { CropCheck, CropVerdict } from "../viewer/overlay/cropmarks";
import type { PixelSize } from "../viewer/pixelsize";

const VERDICTS: Readonly<Record<CropVerdict, readonly [string, string, string]>> = {
  ok: ["good", "in the field", "The aorta at L1 to L4 is in the field of view"],
  cropped: ["warning", "aorta cropped", "The aorta at L1 to L4 may be cropped"],
  borderline: ["caution", "near the edge", "The expected anterior aortic wall is near the edge of the field of view. Check on the image whether the aorta is cropped"],
  unknown: ["caution", "undetermined", "Whether the aorta is cropped could not be determined"],
};

const RULES: Readonly<Record<string, string>> = {
  field: "from the edge of the field of view and the expected anterior aortic wall",
  vertenet: "by the rule of the VerteNet authors",
};

export function cropFacts(crop: CropCheck, size: PixelSize): TemplateResult {
  const [kind, verdict, text] = VERDICTS[crop.verdict];
  const rule = RULES[crop.method];
  const margins = levelMargins(crop, size);
  const lostLines = findLostLines(crop);
  const vertenetVerdict = crop.evidence.vertenet?.verdict;
  return html`
    <h2>Crop check</h2>
    <p>${badge(kind, verdict)} ${text}.${rule === undefined ? nothing : ` Judged ${rule}.`}</p>
    ${margins.length === 0 ? nothing : marginTable(margins)}
    ${lostLines.length === 0 ? nothing : lostLineList(lostLines)}
    ${vertenetVerdict && html`<p class="small muted">Verdict by the rule of the VerteNet authors: ${vertenetVerdict}.</p>`}
  `;
}

function marginTable(margins: ReturnType<typeof levelMargins>): TemplateResult {
  const headings = ["Level", "Margin to the expected anterior aortic wall", "Edge of the field of view"];
  const row = ({ level, text, where, verdict }: (typeof margins)[number]): TemplateResult => html`<tr>
    <th scope="row">${level}</th>
    <td>${badge(VERDICTS[verdict][0], verdict === "borderline" ? `${text}, near the edge` : text)}</td>
    <td>${where}</td>
  </tr>`;
  return html`<table class="levels">
    <thead><tr>${headings.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
    <tbody>${margins.map(row)}</tbody>
  </table>`;
}

function lostLineList(lostLines: ReturnType<typeof findLostLines>): TemplateResult {
  const count = lostLines.length;
  const text = count === 1 ? "1 line leaves the field of view" : `${String(count)} lines leave the field of view`;
  return html`<details><summary>${text}</summary><ul class="small">${lostLines.map((line) => html`<li>${line.text}</li>`)}</ul></details>`;
}

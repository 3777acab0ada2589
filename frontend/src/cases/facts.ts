/** Case details as text and small tables. */

import { html, nothing } from "lit-html";
import type { TemplateResult } from "lit-html";
import { formatTime } from "../dom";
import { decimal } from "../text";
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

export function caseFacts(caseDetail: CaseDetail): TemplateResult {
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

export function landmarkFacts(set: LandmarkSet, size: PixelSize): TemplateResult {
  const lordosis = set.morphometry["lordosis_deg"];
  return html`<section>
    <h2>${set.source === "model" ? "Landmarks of the network" : "Corrected landmarks"}</h2>
    <table class="levels">
      <thead><tr>${COLUMNS.map(([text, kind, title]) => html`<th scope="col" class=${kind} title=${title}>${text}</th>`)}</tr></thead>
      <tbody>${VERTEBRAE.map((name) => levelRow(set, name))}</tbody>
    </table>
    ${typeof lordosis === "number" ? html`<p>Lordosis L1 to L5: ${decimal(lordosis, 1)}°</p>` : nothing}
    ${set.names === null ? nothing : html`<p>${namesText(set.names)}</p>`}
    ${set.warnings.map(({ text }) => html`<p class="message caution">${text}</p>`)}
    <p class="small muted">${modelNote(set)}</p>
    ${cropFacts(set.crop, size)}
  </section>`;
}

function levelRow(set: LandmarkSet, name: (typeof VERTEBRAE)[number]): TemplateResult {
  const shape = set.morphometry[name] as Record<string, unknown> | null | undefined;
  return html`<tr>
    <th scope="row">${name}</th>
    ${numberCell(set.confidence[name], (value) => value.toFixed(2))}
    ${numberCell(shape?.["posterior_height_mm"], (value) => value.toFixed(1))}
    ${numberCell(shape?.["anterior_height_mm"], (value) => value.toFixed(1))}
    <td>${typeof shape?.["grade"] === "string" ? shape["grade"] : "–"}</td>
  </tr>`;
}

export function uncertaintyMessage(caseDetail: CaseDetail): TemplateResult {
  const message = "Level labelling is uncertain. The case cannot be assigned to readers until you accept the labels, correct them or exclude the case.";
  return html`<div class="message caution"><div><p>${message}</p><p>${caseDetail.level_uncertainty?.detail}</p></div></div>`;
}

/** Describe how probable the network's level labels are, and the second most probable labelling. */
export function namesText({ probability, runner_up: second }: NonNullable<LandmarkSet["names"]>): string {
  const labels = `Probability of the network's level labels: ${probability.toFixed(2)}`;
  if (second === null || second.probability < 0.005) return `${labels}.`;
  return `${labels}; second best (${second.probability.toFixed(2)}): ${shiftText(second.shift)}.`;
}

function shiftText(shift: number | null): string {
  if (shift === null) return "a different number of lumbar vertebrae";
  const levels = Math.abs(shift) === 1 ? "one level" : `${String(Math.abs(shift))} levels`;
  return `labels ${levels} further ${shift > 0 ? "cranial" : "caudal"} on the image`;
}

function modelNote(set: LandmarkSet): string {
  const heights = "Four corners do not define the mid-vertebral height, so a biconcave deformity cannot be detected.";
  const { name, checksum, training_note: note } = set.model;
  return `${heights} Network: ${name}, ${checksum.slice(0, 12)}, ${note}.`;
}

function factList(pairs: readonly (readonly [string, string])[]): TemplateResult {
  const known = pairs.filter(([, value]) => value !== "");
  return html`<dl class="facts">${known.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function numberCell(value: unknown, format: (value: number) => string): TemplateResult {
  return html`<td class="number">${typeof value === "number" ? format(value) : "\u2013"}</td>`;
}

function pixelSizeText(image: PixelShape | null): string {
  if (image === null) return "unknown";
  const { spacing_mm: spacing, pixel_aspect: aspect } = image;
  if (spacing !== null) return `${spacing[0].toFixed(4)} mm vertically, ${spacing[1].toFixed(4)} mm horizontally`;
  return aspect === 1 ? "unknown" : `unknown, ${aspect.toFixed(2)} times as high as wide`;
}

function formatDate(iso: string): string {
  // A date has no time zone; any other than UTC could show the day before.
  const options = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" } as const;
  return new Date(iso).toLocaleDateString("en-GB", options);
}

/** Relabelling of levels: the two directions, and the panel with the preview. */

import { html } from "lit-html";
import type { TemplateResult } from "lit-html";
import { CORNERS, VERTEBRAE, cornerOf } from "../viewer/overlay/marks";
import type { Bodies } from "../viewer/overlay/marks";

export interface Direction {
  readonly label: string;
  readonly by: 1 | -1;
  readonly text: string;
}

/** Directions in which the labels move on the image; cranially, the vertebra labelled L1 becomes L2. */
export const DIRECTIONS: readonly Direction[] = [
  { label: "Relabel levels cranially", by: 1, text: "Every label moves to the next vertebra towards the head." },
  { label: "Relabel levels caudally", by: -1, text: "Every label moves to the next vertebra towards the feet." },
];

/** A preview of the vertebral bodies under their new labels. */
export interface Relabelling {
  readonly direction: Direction;
  readonly before: Bodies;
  readonly after: Bodies;
  saving: boolean;
}

export function relabellingPanel({ direction, before, after, saving }: Relabelling, onSave: () => void, onCancel: () => void): TemplateResult {
  return html`<section class="correction" aria-label=${direction.label}>
    <h2>${direction.label}</h2>
    <p>${direction.text} The image shows a preview; nothing is saved yet.</p>
    <ul class="relabelled">${describeChanges(before, after).map((text) => html`<li>${text}</li>`)}</ul>
    <div class="actions">
      <button type="button" class="primary" ?disabled=${saving} @click=${onSave}>Save labels</button>
      <button type="button" ?disabled=${saving} @click=${onCancel}>Cancel</button>
    </div>
  </section>`;
}

/** Describe every change from cranial to caudal, such as "L1 becomes L2", including labels gained or lost. */
export function describeChanges(before: Bodies, after: Bodies): string[] {
  // Bodies are recognised by their corners, which relabelling does not move.
  const texts = VERTEBRAE.filter((name) => hasCorners(before, name)).map((name) => {
    const to = VERTEBRAE.find((other) => hasCorners(after, other) && sameBody(before, name, after, other));
    return to === undefined ? `${name} loses its label` : `${name} becomes ${to}`;
  });
  const gained = VERTEBRAE.filter(
    (name) => hasCorners(after, name) && !VERTEBRAE.some((other) => sameBody(before, other, after, name)),
  ).map((name) => `${name} is assigned to an unlabelled vertebra`);
  return [...texts, ...gained];
}

function hasCorners(bodies: Bodies, name: string): boolean {
  return CORNERS.some((corner) => cornerOf(bodies, name, corner) !== null);
}

function sameBody(before: Bodies, from: string, after: Bodies, to: string): boolean {
  return CORNERS.every((corner) => {
    const [a, b] = [cornerOf(before, from, corner), cornerOf(after, to, corner)];
    return a === null || b === null ? a === b : a[0] === b[0] && a[1] === b[1];
  });
}

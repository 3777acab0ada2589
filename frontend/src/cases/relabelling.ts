/** Relabelling the levels: which way the labels move, and the preview's panel beside the image. */

import { button, el } from "../dom";
import { CORNERS, VERTEBRAE, cornerOf } from "../viewer/overlay/marks";
import type { Bodies } from "../viewer/overlay/marks";

export interface Direction {
  readonly label: string;
  readonly by: 1 | -1;
  readonly text: string;
}

/** Labels move on the image: cranially, the vertebra labelled L1 becomes L2. */
export const DIRECTIONS: readonly Direction[] = [
  { label: "Relabel levels cranially", by: 1, text: "Every label moves up to the next vertebra, towards the head." },
  { label: "Relabel levels caudally", by: -1, text: "Every label moves down to the next vertebra, towards the feet." },
];

export interface RelabellingEvents {
  save(): void;
  cancel(): void;
}

/** What is about to be saved: the bodies under their new labels. */
export class Relabelling {
  readonly root: HTMLElement;
  private readonly save: HTMLButtonElement;

  constructor(
    readonly direction: Direction,
    readonly before: Bodies,
    readonly after: Bodies,
    events: RelabellingEvents,
  ) {
    this.save = button("Save labels", () => { events.save(); }, { class: "primary" });
    this.root = el(
      "section",
      { class: "correction", "aria-label": direction.label },
      el("h2", {}, direction.label),
      el("p", {}, `${direction.text} The image shows a preview; nothing is saved yet.`),
      el("ul", { class: "relabelled" }, ...changesOf(before, after).map((text) => el("li", {}, text))),
      el("div", { class: "actions" }, this.save, button("Cancel", () => { events.cancel(); })),
    );
  }

  busy(saving: boolean): void {
    this.save.disabled = saving;
  }

  focus(): void {
    this.save.focus();
  }
}

/** "L1 becomes L2", from above; bodies that gain or lose their label too. */
export function changesOf(before: Bodies, after: Bodies): string[] {
  const texts = VERTEBRAE.filter((name) => known(before, name)).map((name) => {
    const to = VERTEBRAE.find((other) => known(after, other) && sameBody(before, name, after, other));
    return to === undefined ? `${name} loses its label` : `${name} becomes ${to}`;
  });
  const gained = VERTEBRAE.filter(
    (name) => known(after, name) && !VERTEBRAE.some((other) => sameBody(before, other, after, name)),
  ).map((name) => `${name} is given to a vertebra without a label`);
  return [...texts, ...gained];
}

function known(bodies: Bodies, name: string): boolean {
  return CORNERS.some((corner) => cornerOf(bodies, name, corner) !== null);
}

function sameBody(before: Bodies, from: string, after: Bodies, to: string): boolean {
  return CORNERS.every((corner) => {
    const [a, b] = [cornerOf(before, from, corner), cornerOf(after, to, corner)];
    return a === null || b === null ? a === b : a[0] === b[0] && a[1] === b[1];
  });
}

/** The traces of two readers on one image: solid for the left reader, dashed for the right one. */

import type { PlaqueGroup } from "../viewer/overlay/overlay";
import type { ReviewedReading } from "./contract";

const SVG = "http://www.w3.org/2000/svg";
const STYLES = ["solid", "dashed"] as const;
const SIDES = ["left", "right"] as const;

/** Return the traces of a reading with the label of its reader, on the side of its score pad. */
export function traceGroup(reading: ReviewedReading, index: 0 | 1): PlaqueGroup {
  return { lines: reading.traces, name: reading.reader, style: STYLES[index], side: SIDES[index] };
}

/** Return a sample of the line for the legend, on the ground of the image. */
export function traceKey(index: 0 | 1): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "trace-key");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "line");
  const attributes = { class: `plaque ${STYLES[index]}`, x1: "4", y1: "8", x2: "44", y2: "8" };
  for (const [name, value] of Object.entries(attributes)) line.setAttribute(name, value);
  svg.append(line);
  return svg;
}

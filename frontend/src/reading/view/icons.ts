/** Icons of the view tools. */

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  magnifier: "M6.8 2a4.8 4.8 0 1 0 0 9.6a4.8 4.8 0 0 0 0-9.6M10.3 10.3 14.5 14.5",
  ruler: "M1.5 10.5 10.5 1.5 14.5 5.5 5.5 14.5ZM4.2 7.8 5.8 9.4M6.6 5.4 7.7 6.5M9 3 10.6 4.6",
  invert: "M8 2a6 6 0 1 0 0 12a6 6 0 0 0 0-12M8 2V14M8.5 4.5 12.5 4.5M8.5 7H14M8.5 9.5H13.6M8.5 12H12",
  fullScreen: "M2 6V2H6M10 2H14V6M14 10V14H10M6 14H2V10",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

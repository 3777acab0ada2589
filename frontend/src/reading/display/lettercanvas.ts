/** The letters of one end of a display check, drawn on a canvas, one row per contrast. */

import { el } from "../../dom";
import { pixelRatio } from "../../viewer/pixelratio";
import type { End } from "./contract";
import { greyLevels } from "./letters";

/** Size of a row in CSS pixels, the same as in display.css. */
const ROW = { width: 132, height: 48 } as const;
const LETTER_PX = 30;
/** Height of capital letters; the usual baselines leave room for letters below the line. */
const CAPITALS_PX = 0.73 * LETTER_PX;
const NAMES: Readonly<Record<End, string>> = { dark: "Dark letters on black", bright: "Bright letters on white" };

export function letterCanvas(end: End, rows: readonly string[], contrasts: readonly number[]): HTMLCanvasElement {
  const label = `${NAMES[end]}, ${String(rows.length)} rows of letters that become fainter`;
  const canvas = el("canvas", { class: "letters", role: "img", "aria-label": label });
  const ratio = pixelRatio();
  canvas.width = Math.round(ROW.width * ratio);
  canvas.height = Math.round(ROW.height * rows.length * ratio);
  const context = canvas.getContext("2d", { alpha: false });
  if (context === null) return canvas;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.font = `bold ${String(LETTER_PX)}px sans-serif`;
  context.textAlign = "center";
  for (const [index, text] of rows.entries()) {
    const grey = greyLevels(end, contrasts[index] ?? 0);
    const top = index * ROW.height;
    context.fillStyle = cssGrey(grey.background);
    context.fillRect(0, top, ROW.width, ROW.height);
    context.fillStyle = cssGrey(grey.letters);
    for (const [position, letter] of [...text].entries()) {
      context.fillText(letter, ((position + 1) * ROW.width) / (text.length + 1), top + (ROW.height + CAPITALS_PX) / 2);
    }
  }
  return canvas;
}

function cssGrey(level: number): string {
  return `rgb(${String(level)} ${String(level)} ${String(level)})`;
}
